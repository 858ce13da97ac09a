"""What search looks in: on MySQL columns that it generates itself, with FULLTEXT indexes; on SQLite an FTS5 table that triggers keep right."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

# Letters that are not another with a mark on it; neither SQLite nor every collation of MySQL reads them so.
FOLDED = {
    **{"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "İ": "I"},
    **{"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"},
}
FOLD = str.maketrans(FOLDED)

# Before each word in MySQL's columns: InnoDB leaves out words of one and two letters, and has a list of others.
LEAD = "zz"
MYSQL_COLUMNS = {
    ("accounts_user", "search_name"): "username",
    ("videos_video", "search_title"): "title",
    ("videos_video", "search_text"): "description",
}
MYSQL_INDEXES = {
    "video_title_words": "videos_video (search_title)",
    "video_words": "videos_video (search_title, search_text)",
    "user_name_words": "accounts_user (search_name)",
}


def _folded(text: str, collation: str = "") -> str:
    for letter, others in FOLDED.items():
        text = f"replace({text}, '{letter}'{collation}, '{others}'{collation})"
    return text


def _words(column: str) -> str:
    """Return what makes « zzthe zzbandsaw» of «The bandsaw!»: the same signs part words there as in `words_of`."""
    # Letter by letter, or MariaDB takes ß for an s.
    folded = _folded(f"{column} COLLATE utf8mb4_bin", " COLLATE utf8mb4_bin")
    return f"regexp_replace(concat(' ', {folded}), '[^\\\\p{{L}}\\\\p{{M}}\\\\p{{N}}]+', ' {LEAD}')"


# The rowid of a table with a UUID key may change, so the texts have a table with a number of their own. And no trigger
# names a table of Django's in its body: Django rebuilds those to change them, and SQLite refuses that while one does.
SQLITE_TABLES = (
    "CREATE TABLE videos_searchchannel (id integer PRIMARY KEY, username text NOT NULL)",
    """CREATE TABLE videos_searchtext (
        id integer PRIMARY KEY AUTOINCREMENT, video_id char(32) NOT NULL UNIQUE, owner_id bigint NOT NULL,
        title text NOT NULL, description text NOT NULL, channel text NOT NULL)""",
    "CREATE INDEX videos_searchtext_owner ON videos_searchtext (owner_id)",
    """CREATE VIRTUAL TABLE videos_searchindex USING fts5 (
        title, description, channel, content='videos_searchtext', content_rowid='id', prefix='1 2 3 4 5 6 7 8',
        tokenize="unicode61 remove_diacritics 2 categories 'L* N* M* Co'")""",
)
_FORGET = """INSERT INTO videos_searchindex (videos_searchindex, rowid, title, description, channel)
    VALUES ('delete', old.id, old.title, old.description, old.channel);"""
_LEARN = """INSERT INTO videos_searchindex (rowid, title, description, channel)
    VALUES (new.id, new.title, new.description, new.channel);"""
SQLITE_TRIGGERS = {
    "search_user_added": """AFTER INSERT ON accounts_user BEGIN
        INSERT OR REPLACE INTO videos_searchchannel VALUES (new.id, new.username); END""",
    "search_user_renamed": f"""AFTER UPDATE OF username ON accounts_user WHEN old.username <> new.username BEGIN
        UPDATE videos_searchchannel SET username = new.username WHERE id = new.id;
        UPDATE videos_searchtext SET channel = {_folded("new.username")} WHERE owner_id = new.id; END""",
    "search_user_gone": """AFTER DELETE ON accounts_user BEGIN
        DELETE FROM videos_searchchannel WHERE id = old.id; END""",
    "search_video_added": f"""AFTER INSERT ON videos_video BEGIN
        INSERT INTO videos_searchtext (video_id, owner_id, title, description, channel)
        SELECT new.id, new.owner_id, {_folded("new.title")}, {_folded("new.description")},
        {_folded("coalesce(max(username), '')")} FROM videos_searchchannel WHERE id = new.owner_id; END""",
    "search_video_changed": f"""AFTER UPDATE OF title, description, owner_id ON videos_video BEGIN
        UPDATE videos_searchtext SET owner_id = new.owner_id, title = {_folded("new.title")},
        description = {_folded("new.description")}, channel =
        {_folded("coalesce((SELECT username FROM videos_searchchannel WHERE id = new.owner_id), '')")}
        WHERE video_id = new.id; END""",
    "search_video_gone": """AFTER DELETE ON videos_video BEGIN
        DELETE FROM videos_searchtext WHERE video_id = old.id; END""",
    "search_text_added": f"AFTER INSERT ON videos_searchtext BEGIN {_LEARN} END",
    "search_text_changed": f"AFTER UPDATE ON videos_searchtext BEGIN {_FORGET} {_LEARN} END",
    "search_text_gone": f"AFTER DELETE ON videos_searchtext BEGIN {_FORGET} END",
}
SQLITE_FILL = (
    "DELETE FROM videos_searchtext",
    "DELETE FROM videos_searchchannel",
    "INSERT INTO videos_searchchannel SELECT id, username FROM accounts_user",
    # In this order, for the newest first is then the highest number first.
    f"""INSERT INTO videos_searchtext (video_id, owner_id, title, description, channel)
        SELECT v.id, v.owner_id, {_folded("v.title")}, {_folded("v.description")}, {_folded("u.username")}
        FROM videos_video v JOIN accounts_user u ON u.id = v.owner_id ORDER BY v.created_at, v.id""",
    "INSERT INTO videos_searchindex (videos_searchindex) VALUES ('rebuild')",
)


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            for (table, name), column in MYSQL_COLUMNS.items():
                made = f"longtext GENERATED ALWAYS AS ({_words(column)}) STORED"
                cursor.execute(f"ALTER TABLE {table} ADD COLUMN {name} {made}")
            # InnoDB makes one at a time.
            for name, columns in MYSQL_INDEXES.items():
                table, _, rest = columns.partition(" ")
                cursor.execute(f"ALTER TABLE {table} ADD FULLTEXT INDEX {name} {rest}")
        else:
            for statement in SQLITE_TABLES:
                cursor.execute(statement)
            _make_triggers(cursor)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            _uninstall_mysql(connection, cursor)
        else:
            for name in SQLITE_TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            for table in ("videos_searchindex", "videos_searchtext", "videos_searchchannel"):
                cursor.execute(f"DROP TABLE {table}")


def _uninstall_mysql(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> None:
    for name, columns in MYSQL_INDEXES.items():
        cursor.execute(f"ALTER TABLE {columns.partition(' ')[0]} DROP INDEX {name}")
    for table, name in MYSQL_COLUMNS:
        # The first sites had none.
        present = {column.name for column in connection.introspection.get_table_description(cursor, table)}
        if name in present:
            cursor.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def mend(connection: BaseDatabaseWrapper) -> bool:
    """Make what is missing, and read everything anew if anything was: to change a table of SQLite's, Django makes another, and the triggers stay behind."""
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')")
        present = {name for (name,) in cursor.fetchall()}
        if "videos_searchindex" not in present or present.issuperset(SQLITE_TRIGGERS):
            return False
        _make_triggers(cursor)
    return True


def _make_triggers(cursor: CursorWrapper) -> None:
    for name, text in SQLITE_TRIGGERS.items():
        cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {text}")
    for statement in SQLITE_FILL:
        cursor.execute(statement)
