-- Passwords given for a retry, sealed by a key of the desk; the row, and they with it, goes when the item was read.
alter table intake.task add column sealed_passwords bytea;
