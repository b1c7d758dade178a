-- Stores the locations of new messages, and adds the jobs of the module locations that end live ones.
CREATE OR REPLACE FUNCTION store_locations(p_parts message_part[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO message_locations (room_id, room_seq, latitude, longitude, accuracy_meters, label, ends_at)
  SELECT p.room_id, p.room_seq, (p.content ->> 'latitude')::float8, (p.content ->> 'longitude')::float8, (p.content ->> 'accuracyMeters')::float8,
    p.content ->> 'label', p.created_at + (p.content ->> 'liveForSeconds')::int * interval '1 second'
  FROM unnest(p_parts) AS p WHERE p.name = 'location';
  PERFORM jobs.add_job('end-live-location', json_build_object('roomId', p.room_id, 'roomSeq', p.room_seq),
    run_at => p.created_at + (p.content ->> 'liveForSeconds')::int * interval '1 second')
  FROM unnest(p_parts) AS p WHERE p.name = 'location' AND p.content ->> 'liveForSeconds' IS NOT NULL;
END $$;
