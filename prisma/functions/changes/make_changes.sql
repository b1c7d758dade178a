-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}', p_joins room_join[] DEFAULT '{}', p_reactions message_reaction[] DEFAULT '{}',
  p_marks read_mark[] DEFAULT '{}', p_post_mentions mention_name[] DEFAULT '{}', p_edit_mentions mention_name[] DEFAULT '{}',
  p_pins message_pin[] DEFAULT '{}', p_replies thread_reply[] DEFAULT '{}', p_reply_mentions mention_name[] DEFAULT '{}',
  p_messages_with_parts message_with_parts[] DEFAULT '{}', p_part_mentions mention_name[] DEFAULT '{}', p_votes poll_vote[] DEFAULT '{}',
  p_edit_parts edited_part[] DEFAULT '{}')
RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 256 AS $$
DECLARE
  v_busy BIGINT[];
BEGIN
  IF cardinality(p_joins) > 0 THEN
    PERFORM lock_places(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u));
  END IF;
  v_busy := lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u UNION ALL SELECT u.room_id FROM unnest(p_edits) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_deletions) AS u UNION ALL SELECT u.room_id FROM unnest(p_joins) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_reactions) AS u UNION ALL SELECT u.room_id FROM unnest(p_marks) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_pins) AS u UNION ALL SELECT u.room_id FROM unnest(p_replies) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_messages_with_parts) AS u UNION ALL SELECT u.room_id FROM unnest(p_votes) AS u), p_skip_locked);
  IF cardinality(p_joins) + cardinality(p_marks) > 0 THEN
    -- Of all whose own logs grow by this batch, in one order: the first message of a direct room tells its other members.
    PERFORM lock_accounts(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u
        WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)
      UNION SELECT u.user_id FROM unnest(p_marks) AS u WHERE u.mode <> 'delivered'
      UNION SELECT m.user_id FROM (SELECT u.room_id FROM unnest(p_posts) AS u UNION SELECT u.room_id FROM unnest(p_messages_with_parts) AS u) AS r
        CROSS JOIN LATERAL (SELECT FROM room_heads h WHERE h.room_id = r.room_id AND h.has_hidden LIMIT 1) AS h
        CROSS JOIN LATERAL (SELECT m.user_id FROM memberships m WHERE m.room_id = r.room_id AND m.is_hidden OFFSET 0) AS m));
  END IF;
  IF cardinality(p_posts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_posts(p_posts, v_busy, p_post_mentions));
  END IF;
  IF cardinality(p_replies) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_replies(p_replies, v_busy, p_reply_mentions));
  END IF;
  IF cardinality(p_messages_with_parts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_messages_with_parts(p_messages_with_parts, v_busy, p_part_mentions));
  END IF;
  IF cardinality(p_edits) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_edits(p_edits, v_busy, p_edit_mentions, p_edit_parts));
  END IF;
  IF cardinality(p_deletions) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_deletions(p_deletions, v_busy));
  END IF;
  IF cardinality(p_joins) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_joins(p_joins, v_busy));
  END IF;
  IF cardinality(p_reactions) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_reactions(p_reactions, v_busy));
  END IF;
  IF cardinality(p_marks) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_marks(p_marks, v_busy));
  END IF;
  IF cardinality(p_pins) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_pins(p_pins, v_busy));
  END IF;
  IF cardinality(p_votes) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_votes(p_votes, v_busy));
  END IF;
END $$;
