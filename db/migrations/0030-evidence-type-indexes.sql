-- A classification or a family often goes with a few types only: walking all types to find them took too long.
create index item_classification_by_type on evidence.item (classification, compartment_id, (format collate "C"), id);
create index item_family_by_type on evidence.item (family, compartment_id, (format collate "C"), id);
create index item_state_by_type on evidence.item (state, compartment_id, (format collate "C"), id);
