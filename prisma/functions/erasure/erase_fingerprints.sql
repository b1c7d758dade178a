-- Replaces the digests of deleted messages of a deleted user by zeros: a short text can be guessed from its digest. They recognise a
-- message that is sent again, which the user no longer can.
CREATE OR REPLACE FUNCTION erase_fingerprints(p_room BIGINT, p_user BIGINT, p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_none UUID := '00000000-0000-0000-0000-000000000000';
BEGIN
  UPDATE messages m SET fingerprint = v_none
  WHERE m.room_id = p_room AND m.room_seq = ANY (p_room_seqs) AND m.author_id = p_user AND m.text IS NULL AND m.fingerprint <> v_none;
END $$;
