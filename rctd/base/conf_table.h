/*
 * conf_table.h: every key of rctd's configuration file, one row each. This table is the single
 * source of the struct, the parser, `rctd --help` and rctd.conf(5).
 *
 * X(key, TYPE, default, least, most, meaning)
 *
 * TYPE is one of
 *   TEXT     const char *     anything
 *   ADDRESS  const char *     HOST:PORT, [IPv6]:PORT
 *   PATH     const char *     an absolute path
 *   CIDRS    const char *     networks, with commas or blanks between them
 *   HEX      const char *     `least` hex digits
 *   NUMBER   unsigned         from least to most
 *   SWITCH   bool             yes or no
 *   LEVEL    enum log_level   debug, info, notice, warning or error
 *
 * The default is what would stand in the file. An empty one means "not set": NULL for text, 0, no.
 */
/* clang-format off */
#define CONF_TABLE(X) \
    X(listen,             ADDRESS, "127.0.0.1:8470", 0,  0,    "where rctd listens; nginx in front of it does TLS") \
    X(database,           TEXT,    "",               0,  0,    "libpq's connection string of rctd_login") \
    X(database_owner,     TEXT,    "",               0,  0,    "libpq's connection string of rctd_owner or a superuser, for rctd --migrate") \
    X(prepare,            SWITCH,  "yes",            0,  0,    "keep prepared statements; no behind a transaction pooler") \
    X(workers,            NUMBER,  "8",              1,  64,   "requests worked on at once; each has a connection to the database") \
    X(queue,              NUMBER,  "256",            1,  4096, "requests that wait for a worker; one more is answered 503") \
    X(proxy,              SWITCH,  "no",             0,  0,    "take a client's address from X-Real-IP, when a proxy on this machine sends it") \
    X(master_key_file,    PATH,    "",               0,  0,    "the key that opens the sealed seeds; made by rctd --new-master-key") \
    X(escrow_public_key,  HEX,     "",               64, 0,    "whom the master key is sealed to, against its loss; made by rctd --new-escrow-key") \
    X(escrow_second_key,  HEX,     "",               64, 0,    "a second person's public key: then it takes both to open it") \
    X(webhook_allow,      CIDRS,   "",               0,  0,    "private networks that reminders may be sent to") \
    X(audit_heads_file,   PATH,    "",               0,  0,    "where the signed heads of the audit trail are appended") \
    X(log_level,          LEVEL,   "info",           0,  0,    "the least level that is logged") \
    X(postgresql_bin,     PATH,    "",               0,  0,    "the folder of initdb and postgres, for --embedded") \
    X(embedded_user,      TEXT,    "",               0,  0,    "who the private PostgreSQL runs as when rctd is started as root")
/* clang-format on */
