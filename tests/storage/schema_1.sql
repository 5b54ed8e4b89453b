-- A store as the first release wrote it (schema version 1). Frozen: every later gateway must open this.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1667725105;
PRAGMA user_version = 1;
CREATE TABLE entry (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        stream TEXT NOT NULL,
        at REAL NOT NULL,
        size INTEGER NOT NULL,
        keys TEXT NOT NULL,
        value TEXT NOT NULL
    );
CREATE TABLE stream (name TEXT PRIMARY KEY, evicted INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE record (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        key BLOB NOT NULL UNIQUE,
        value TEXT NOT NULL
    );
INSERT INTO entry VALUES (4, 'captures', 1800000000.25, 811, '["to:+8613800138000","id:cap_1"]',
    '{"id":"cap_1","text":"\u77ed\u4fe1 \udc80 \u0000"}');
INSERT INTO entry VALUES (5, 'exchanges', 1800000001.5, 1600, '["id:ex_1"]',
    '{"id":"ex_1","request":{"headers":[["Host","x"]]}}');
INSERT INTO entry VALUES (7, 'captures', 1800000002.0, 811, '["to:+8613800138000","id:cap_2"]', '{"id":"cap_2"}');
INSERT INTO stream VALUES ('captures', 3);
INSERT INTO record VALUES (6, CAST('taken/+8613800138000' AS BLOB),
    '{"through":4,"before":0,"tokens":{"take_1":"cap_1"}}');
UPDATE sqlite_sequence SET seq = 9 WHERE name = 'entry';
UPDATE sqlite_sequence SET seq = 8 WHERE name = 'record';
