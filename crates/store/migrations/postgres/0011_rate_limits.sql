-- What is taken of each limit that all instances count together.
create table rate_limits (
    -- digest of the limit and its subject: no address stands here
    key bytea primary key,
    -- when all that was taken is refilled, in microseconds since 1970
    full_at bigint not null,
    -- how far ahead of now that may be; kept so that one statement can take from several limits
    room bigint not null
);
