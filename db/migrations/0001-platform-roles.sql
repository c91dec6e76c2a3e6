-- Group roles. They belong to the whole server, so another desk on it may have made them already.
select pg_advisory_xact_lock(1634557294);

do $$
begin
  if not exists (select 1 from pg_roles where rolname = 'amanat_app') then
    create role amanat_app nologin;
  end if;
  if not exists (select 1 from pg_roles where rolname = 'amanat_sequencer') then
    create role amanat_sequencer nologin;
  end if;
end
$$;

revoke all on schema public from public;

-- An instant as ISO 8601 text in UTC with milliseconds, as log entries and contracts write it.
create function platform.iso(at timestamptz) returns text
language sql immutable parallel safe
return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

grant usage on schema platform to amanat_app, amanat_sequencer;
grant select on platform.migration to amanat_app;
