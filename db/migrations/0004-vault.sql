-- The vault's register: which sealed blobs there are, and their file keys wrapped under an epoch key. The bytes lie
-- in the object store under their address. No table is open to the application: only the functions are.
create schema vault;

create table vault.blob (
  -- Lower-case hex SHA-256 of the sealed bytes.
  address text primary key check (address ~ '^[0-9a-f]{64}$'),
  -- Bytes before sealing.
  size_bytes bigint not null check (size_bytes >= 0),
  epoch_id text not null,
  -- Null once erased.
  wrapped_key bytea,
  kept_at timestamptz(3) not null,
  -- The entry that ordered the erasure.
  erased_by uuid,
  constraint erased_whole check ((erased_by is null) = (wrapped_key is not null))
);
create index blob_of_epoch on vault.blob (epoch_id, address) where wrapped_key is not null;
alter table vault.blob enable row level security;

-- Arrays run in parallel.
create function vault.keep(addresses text[], sizes bigint[], new_epoch text, new_keys bytea[], at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into vault.blob (address, size_bytes, epoch_id, wrapped_key, kept_at)
  select n.address, n.size_bytes, new_epoch, n.key, at
  from unnest(addresses, sizes, new_keys) as n (address, size_bytes, key);
end;

create function vault.find(wanted text[])
returns table (address text, size_bytes bigint, epoch_id text, wrapped_key bytea, erased_by uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select b.address, b.size_bytes, b.epoch_id, b.wrapped_key, b.erased_by from vault.blob b where b.address = any (wanted);
end;

-- Pages through all blobs in the order of their addresses.
create function vault.list(after_address text, at_most integer)
returns table (address text, size_bytes bigint, erased_by uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select b.address, b.size_bytes, b.erased_by from vault.blob b
  where b.address > after_address order by b.address limit at_most;
end;

-- The next blobs whose keys are under another epoch than the current one.
create function vault.list_to_rewrap(current_epoch text, at_most integer)
returns table (address text, epoch_id text, wrapped_key bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select b.address, b.epoch_id, b.wrapped_key from vault.blob b
  where b.epoch_id <> current_epoch and b.wrapped_key is not null order by b.address limit at_most;
end;

create function vault.rewrap(addresses text[], new_epoch text, new_keys bytea[]) returns void
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
  update vault.blob b set epoch_id = new_epoch, wrapped_key = n.key
  from unnest(addresses, new_keys) as n (address, key)
  where b.address = n.address and b.wrapped_key is not null;
end;

-- Destroys a file key; true where it was destroyed now. The row stays and says by whose order.
create function vault.erase(target text, ordered_by uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (
    select 1 from ledger.subject s join ledger.entry e on e.id = s.entry_id
    where s.entry_id = ordered_by and s.type = 'blob' and s.id = target and e.kind like '%.erased'
  ) then
    raise exception 'entry % does not order the erasure of blob %', ordered_by, target using errcode = 'check_violation';
  end if;
  update vault.blob set wrapped_key = null, erased_by = ordered_by where address = target and erased_by is null;
  return found;
end $$;

revoke all on all functions in schema vault from public;
grant usage on schema vault to amanat_app;
grant execute on all functions in schema vault to amanat_app;
