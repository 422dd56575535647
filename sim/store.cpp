#include "sim/store.hpp"

#include "model/error.hpp"
#include "model/message.hpp"
#include "sim/blob.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <sqlite3.h>
#include <system_error>
#include <utility>

namespace exeunt::sim
{

namespace
{

namespace fs = std::filesystem;
using namespace blob;

constexpr int application = 0x65786e74; // "exnt": what file(1) and we tell our stores by

std::string shown(const fs::path& file) { return model::printable(file.string(), 1000); }

[[noreturn]] void damaged(const fs::path& file, const std::string& what)
{
    throw BadInput(fmt::format("{} is damaged ({}) and was left as it is: restore it from a copy, or move it away to "
                               "simulate anew",
                               shown(file), what));
}

/// What SQLite's last complaint means to the user.
[[noreturn]] void fail(sqlite3* db, const fs::path& file)
{
    const int code = sqlite3_extended_errcode(db);
    const std::string reason = std::error_code(sqlite3_system_errno(db), std::generic_category()).message();
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        throw BadInput(fmt::format("{} is in use by another run: wait for it to end, or name another folder with --out",
                                   shown(file)));
    case SQLITE_CORRUPT:
        damaged(file, sqlite3_errmsg(db));
    case SQLITE_NOTADB:
        throw BadInput(
            fmt::format("{} is no store of exeunt: move it away, or name another folder with --out", shown(file)));
    case SQLITE_FULL:
        throw BadInput(fmt::format("cannot write {}: no space left; what was stored before is kept", shown(file)));
    case SQLITE_NOMEM:
        throw std::bad_alloc();
    default:
        break;
    }
    throw BadInput(fmt::format("cannot {} {}: {}; what was stored before is kept",
                               code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ ? "read" : "write",
                               shown(file), sqlite3_system_errno(db) != 0 ? reason : sqlite3_errmsg(db)));
}

class Statement
{
  public:
    Statement(sqlite3* db, const fs::path& file, const char* sql) : db_(db), file_(file)
    {
        if (sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) != SQLITE_OK) fail(db, file);
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(std::int64_t x) { return checked(sqlite3_bind_int64(statement_, ++bound_, x)); }
    Statement& bind(double x) { return checked(sqlite3_bind_double(statement_, ++bound_, x)); }
    Statement& bind(const std::string& x)
    {
        return checked(sqlite3_bind_text64(statement_, ++bound_, x.data(), x.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    Statement& bind_blob(const std::string& x)
    {
        return checked(sqlite3_bind_blob64(statement_, ++bound_, x.data(), x.size(), SQLITE_STATIC));
    }

    /// Whether there is a row.
    bool step()
    {
        const int code = sqlite3_step(statement_);
        if (code != SQLITE_ROW && code != SQLITE_DONE) fail(db_, file_);
        return code == SQLITE_ROW;
    }
    std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
    std::string_view bytes(int column) const
    {
        const void* const data = sqlite3_column_blob(statement_, column);
        return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }

  private:
    Statement& checked(int code)
    {
        if (code != SQLITE_OK) fail(db_, file_);
        return *this;
    }

    sqlite3* db_;
    const fs::path& file_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

void execute(sqlite3* db, const fs::path& file, const char* sql)
{
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(db, file);
}

std::int64_t number_of(sqlite3* db, const fs::path& file, const char* sql)
{
    Statement query(db, file, sql);
    return query.step() ? query.number(0) : 0;
}

/// All or nothing.
class Transaction
{
  public:
    Transaction(sqlite3* db, const fs::path& file) : db_(db), file_(file) { execute(db, file, "BEGIN EXCLUSIVE"); }
    ~Transaction()
    {
        if (!committed_) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit()
    {
        execute(db_, file_, "COMMIT");
        committed_ = true;
    }

  private:
    sqlite3* db_;
    const fs::path& file_;
    bool committed_ = false;
};

std::string limit_words(const std::string& limit) { return limit == std::to_string(UINT64_MAX) ? "none" : limit; }

/// What is compared, in the words of meta.
std::vector<std::pair<std::string, std::string>> compared(const Identity& identity)
{
    return {{"model", identity.model},
            {"seed", std::to_string(identity.seed)},
            {"step_limit", std::to_string(identity.step_limit)},
            {"arithmetic", identity.arithmetic}};
}

/// The first line in which two texts differ, as the one has it.
std::string first_difference(const std::string& text, const std::string& other)
{
    const auto [here, there] = std::mismatch(text.begin(), text.end(), other.begin(), other.end());
    const auto start = std::find(std::make_reverse_iterator(here), text.rend(), '\n').base();
    return model::printable(std::string(start, std::find(here, text.end(), '\n')), 100);
}

[[noreturn]] void refuse(const fs::path& file, const std::string& key, const std::string& has, const std::string& asked)
{
    const std::string what = key == "model"  ? fmt::format("another spec ({} there, {} here)",
                                                           first_difference(has, asked), first_difference(asked, has))
                             : key == "seed" ? fmt::format("seed {}, not {}", has, asked)
                             : key == "step_limit"
                                 ? fmt::format("--max-steps {}, not {}", limit_words(has), limit_words(asked))
                                 : fmt::format("steps in {} precision, not {}", has, asked);
    throw BadInput(
        fmt::format("{} holds replicas of {}: name another folder with --out, or move it away", shown(file), what));
}

}

std::string encode(std::span<const Numbered> exits)
{
    std::string out;
    out.reserve(15 * exits.size());
    std::uint64_t before = 0;
    for (const auto& [replica, exit] : exits) {
        put(out, replica - std::exchange(before, replica));
        put(out, exit.step);
        put(out, std::uint64_t{2} * exit.place + exit.censored);
        put_bits<std::uint64_t>(out, exit.final_state);
    }
    return out;
}

bool decode(std::string_view blob, std::uint64_t count, const std::function<void(const Numbered&)>& take)
{
    std::uint64_t replica = 0;
    for (; count > 0; --count) {
        std::uint64_t from_last = 0, step = 0, place = 0;
        double final_state = 0;
        if (!get(blob, from_last) || !get(blob, step) || !get(blob, place) ||
            !get_bits<std::uint64_t>(blob, final_state))
            return false;
        replica += from_last;
        take({replica,
              {.step = step,
               .place = static_cast<std::uint32_t>(place / 2),
               .censored = place % 2 == 1,
               .final_state = final_state}});
    }
    return blob.empty();
}

Store::Store(const fs::path& file, const Identity& identity) : file_(file), db_(nullptr, sqlite3_close)
{
    std::error_code ignored;
    if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored))
        throw BadInput(fmt::format("cannot write {}: it is no regular file", shown(file)));
    try {
        open(identity);
    } catch (...) {
        // never half a file: one that could not even be begun is empty, and ours unless another run holds it
        made_ = made_ || (sqlite3_errcode(db_.get()) != SQLITE_BUSY && fs::file_size(file, ignored) == 0);
        remove_if_empty();
        throw;
    }
}

Store::~Store() { remove_if_empty(); }

void Store::remove_if_empty()
{
    if (!made_) return;
    std::error_code ignored;
    for (const char* const ending : {"-journal", ""}) fs::remove(file_.string() + ending, ignored); // the lock is ours
}

void Store::open(const Identity& identity)
{
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(file_.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    db_.reset(db);
    if (!db) throw std::bad_alloc();
    if (code != SQLITE_OK) fail(db, file_);
    if (sqlite3_db_readonly(db, "main") == 1)
        throw BadInput(fmt::format("cannot write {}: it is read-only", shown(file_)));
    sqlite3_busy_timeout(db, 500); // a run that was killed this moment still holds its lock
    execute(db, file_, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY");

    Transaction all(db, file_); // and the lock stays
    const bool empty = number_of(db, file_, "SELECT count(*) FROM sqlite_master") == 0 &&
                       number_of(db, file_, "PRAGMA application_id") == 0;
    if (!fs::exists(file_)) // removed while we waited for its lock
        throw BadInput(fmt::format("{} was in use by another run: start again", shown(file_)));
    made_ = empty;
    if (empty)
        make(identity);
    else
        check(identity);
    execute(db, file_, R"(
        CREATE TABLE IF NOT EXISTS piece (id INTEGER PRIMARY KEY, cell INTEGER NOT NULL REFERENCES cell,
                                          steps INTEGER NOT NULL, first INTEGER NOT NULL, replicas INTEGER NOT NULL,
                                          hash INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS piece_of_cell ON piece (cell, steps);)"); // format 1 of before had none
    all.commit();
}

void Store::make(const Identity& identity)
{
    execute(db_.get(), file_,
            fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", application, format).c_str());
    execute(db_.get(), file_, R"(
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE cell (id INTEGER PRIMARY KEY, clip REAL NOT NULL, learning_rate REAL NOT NULL,
                           well INTEGER NOT NULL, key INTEGER NOT NULL UNIQUE);
        CREATE TABLE batch (id INTEGER PRIMARY KEY, cell INTEGER NOT NULL REFERENCES cell, replicas INTEGER NOT NULL,
                            hash INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE INDEX batch_of_cell ON batch (cell);)");
    auto facts = compared(identity);
    facts.emplace_back("program", identity.program);
    for (const auto& [key, value] : facts)
        Statement(db_.get(), file_, "INSERT INTO meta VALUES (?, ?)").bind(key).bind(value).step();
}

void Store::check(const Identity& identity) const
{
    sqlite3* const db = db_.get();
    if (number_of(db, file_, "PRAGMA application_id") != application)
        throw BadInput(
            fmt::format("{} is no store of exeunt: move it away, or name another folder with --out", shown(file_)));
    if (const auto found = number_of(db, file_, "PRAGMA user_version"); found != format)
        throw BadInput(fmt::format("{} was made by another version of exeunt (format {}; this one writes {}): name "
                                   "another folder with --out, or move it away",
                                   shown(file_), found, format));
    Statement sound(db, file_, "PRAGMA quick_check(1)");
    if (!sound.step() || sound.bytes(0) != "ok") damaged(file_, model::printable(std::string(sound.bytes(0)), 100));
    for (const auto& [key, value] : compared(identity)) {
        Statement query(db, file_, "SELECT value FROM meta WHERE key = ?");
        if (!query.bind(key).step()) damaged(file_, fmt::format("it has no {}", key));
        if (query.bytes(0) != value) refuse(file_, key, std::string(query.bytes(0)), value);
    }
}

std::int64_t Store::id_of(const Cell& cell)
{
    const auto key = static_cast<std::int64_t>(cell.key);
    Statement query(db_.get(), file_, "SELECT id FROM cell WHERE key = ?");
    if (query.bind(key).step()) return query.number(0);
    Statement(db_.get(), file_, "INSERT INTO cell (clip, learning_rate, well, key) VALUES (?, ?, ?, ?)")
        .bind(cell.clip)
        .bind(cell.learning_rate)
        .bind(static_cast<std::int64_t>(cell.well + 1))
        .bind(key)
        .step();
    return sqlite3_last_insert_rowid(db_.get());
}

void Store::add(const Cell& cell, std::vector<Numbered> exits)
{
    if (exits.empty()) return;
    std::sort(exits.begin(), exits.end(), [](const Numbered& a, const Numbered& b) { return a.replica < b.replica; });
    const std::string blob = encode(exits);
    Transaction whole(db_.get(), file_);
    Statement(db_.get(), file_, "INSERT INTO batch (cell, replicas, hash, data) VALUES (?, ?, ?, ?)")
        .bind(id_of(cell))
        .bind(static_cast<std::int64_t>(exits.size()))
        .bind(static_cast<std::int64_t>(hash_of(blob)))
        .bind_blob(blob)
        .step();
    whole.commit();
    made_ = false;
}

void Store::read(const Cell& cell, const std::function<void(const Numbered&)>& take) const
{
    Statement query(db_.get(), file_,
                    "SELECT batch.id, replicas, hash, data FROM batch JOIN cell ON cell.id = batch.cell "
                    "WHERE cell.key = ? ORDER BY batch.id");
    query.bind(static_cast<std::int64_t>(cell.key));
    while (query.step()) {
        const std::string_view blob = query.bytes(3);
        if (static_cast<std::uint64_t>(query.number(2)) != hash_of(blob) ||
            !decode(blob, static_cast<std::uint64_t>(query.number(1)), take))
            damaged(file_, fmt::format("batch {}", query.number(0)));
    }
}

std::vector<bool> Store::stored(const Cell& cell, std::uint64_t count) const
{
    std::vector<bool> found;
    read(cell, [&](const Numbered& e) {
        if (e.replica >= count) return;
        if (e.replica >= found.size()) found.resize(e.replica + 1);
        found[e.replica] = true;
    });
    return found;
}

void Store::add(const Cell& cell, std::uint64_t steps, const Piece& piece)
{
    Transaction whole(db_.get(), file_);
    Statement(db_.get(), file_,
              "INSERT INTO piece (cell, steps, first, replicas, hash, data) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(id_of(cell))
        .bind(static_cast<std::int64_t>(steps))
        .bind(static_cast<std::int64_t>(piece.first))
        .bind(static_cast<std::int64_t>(piece.replicas))
        .bind(static_cast<std::int64_t>(hash_of(piece.data)))
        .bind_blob(piece.data)
        .step();
    whole.commit();
    made_ = false;
}

void Store::read(const Cell& cell, std::uint64_t steps, const std::function<void(const Piece&)>& take) const
{
    Statement query(db_.get(), file_,
                    "SELECT piece.id, first, replicas, hash, data FROM piece JOIN cell ON cell.id = piece.cell "
                    "WHERE cell.key = ? AND steps = ? ORDER BY first");
    query.bind(static_cast<std::int64_t>(cell.key)).bind(static_cast<std::int64_t>(steps));
    while (query.step()) {
        const std::string_view data = query.bytes(4);
        if (static_cast<std::uint64_t>(query.number(3)) != hash_of(data))
            damaged(file_, fmt::format("piece {}", query.number(0)));
        take({static_cast<std::uint64_t>(query.number(1)), static_cast<std::uint64_t>(query.number(2)),
              std::string(data)});
    }
}

}
