-- Whom posts and edits of a batch mention, beside them: ord is the place in their array, name is in lower case, '' stands for all
-- members.
CREATE TYPE mention_name AS (ord INT, name TEXT);
