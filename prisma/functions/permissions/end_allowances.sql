-- Ends what an override allows a user who leaves the room; the caller holds the lock of the room's head. What it denies stays.
-- A plan that was made while there were no overrides would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION end_allowances(p_room BIGINT, p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_user AND o.deny_bits = 0;
  UPDATE permission_overrides o SET allow_bits = 0 WHERE o.room_id = p_room AND o.target = p_user AND o.allow_bits <> 0;
END $$;
