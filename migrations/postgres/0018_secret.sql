-- Tells whether the server was started with the secret that this database was made with.
CREATE TABLE secret_mark (
    id BIGINT PRIMARY KEY,
    mark TEXT NOT NULL
);
