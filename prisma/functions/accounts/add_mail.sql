-- Adds the job of a mail: all nodes together send one mail at a time. A later job with the same key replaces one that waits.
CREATE OR REPLACE FUNCTION add_mail(p_task TEXT, p_payload JSON, p_key TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  SELECT jobs.add_job(p_task, p_payload, queue_name => 'mail', max_attempts => 10, job_key => p_task || ' ' || p_key)
$$;
