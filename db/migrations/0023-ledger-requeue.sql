-- After a restore, the database may hold places that the restored files of the log do not. Once two people have
-- continued the log openly at the files' size, the sequencer takes those places back; their entries wait again.
create function ledger.requeue(from_size bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into ledger.pending (entry_id, leaf)
    select e.id, e.leaf from ledger.position p join ledger.entry e on e.id = p.entry_id
    where p.index >= from_size
    on conflict do nothing;
  delete from ledger.position where index >= from_size;
  update ledger.head set size = from_size where size > from_size;
end $$;

revoke all on function ledger.requeue(bigint) from public;
grant execute on function ledger.requeue(bigint) to amanat_sequencer;
