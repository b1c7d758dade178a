-- What models and functions do not show. Runs in one transaction; never edited once released.
-- A new part of a message that is edited: the place of the edit in its array, the name of the part and its content.
CREATE TYPE edited_part AS (ord INT, name TEXT, content JSONB);
