-- A message without its text, for the event of its change. Times are in ms since 1970.
CREATE OR REPLACE FUNCTION message_record(p_message messages) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('seq', p_message.seq, 'authorId', p_message.author_id, 'idempotencyKey', p_message.idempotency_key,
    'replyToRoomSeq', p_message.reply_to_room_seq, 'threadRootSeq', p_message.thread_root_seq, 'threadSeq', p_message.thread_seq, 'version', p_message.version, 'createdAt', timeout_ms(p_message.created_at),
    'editedAt', timeout_ms(p_message.edited_at), 'deletedAt', timeout_ms(p_message.deleted_at), 'expiresAt', timeout_ms(p_message.expires_at))
$$;
