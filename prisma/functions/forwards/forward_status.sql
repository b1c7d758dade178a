-- Why a message cannot have that forward: NO_ORIGIN (the node found no message that the author may see). NULL where it can.
CREATE OR REPLACE FUNCTION forward_status(p_forward JSONB) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_forward IS NOT NULL AND p_forward ->> 'originRoomSeq' IS NULL THEN 'NO_ORIGIN' END
$$;
