-- Each process writes its row to find out whether the database can be written.
create table probes (
    id blob primary key,
    at text not null,
    -- none, or as much as shows that the disk has room
    padding blob not null
) strict;
