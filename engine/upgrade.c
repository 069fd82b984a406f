#include "upgrade.h"

#include <assert.h>

const char engine_upgrade_schema[] =
        "BEGIN IMMEDIATE;"
        "CREATE TABLE meta(id INTEGER PRIMARY KEY,version INTEGER,epoch INTEGER,halt INTEGER,"
        "position_limit_lots INTEGER,order_notional_limit_tick_lots INTEGER,open_order_limit INTEGER,digest BLOB,"
        "checksum INTEGER);"
        "CREATE TABLE positions(symbol TEXT PRIMARY KEY,quantity_lots INTEGER,cost_tick_lots INTEGER,"
        "realised_tick_lots INTEGER,checksum INTEGER)WITHOUT ROWID;"
        "CREATE TABLE orders(order_id TEXT PRIMARY KEY,cl_ord_id TEXT,symbol TEXT,side INTEGER,status INTEGER,"
        "closed_by INTEGER,flags INTEGER,order_quantity_lots INTEGER,price_ticks INTEGER,cum_quantity_lots INTEGER,"
        "leaves_quantity_lots INTEGER,filled_tick_lots INTEGER,terms_time_ns INTEGER,pending_cancels INTEGER,"
        "pending_replaces INTEGER,checksum INTEGER)WITHOUT ROWID;"
        "CREATE TABLE executions(symbol TEXT,exec_id TEXT,order_id TEXT,version INTEGER,exec_type INTEGER,side INTEGER,"
        "order_quantity_lots INTEGER,price_ticks INTEGER,last_quantity_lots INTEGER,last_price_ticks INTEGER,"
        "cum_quantity_lots INTEGER,commission_units INTEGER,comm_currency TEXT,transact_time_ns INTEGER,"
        "exec_ref_id TEXT,superseded_by INTEGER,moved_lots INTEGER,checksum INTEGER,PRIMARY "
        "KEY(symbol,exec_id))WITHOUT ROWID;";

/* A key cannot be changed, so each table is made anew and filled from the old one. */
static const char engine_upgrade_sql[] =
        "ALTER TABLE positions RENAME TO positions_2;"
        "CREATE TABLE positions(symbol TEXT,venue TEXT,account TEXT,instrument TEXT,position_side INTEGER,"
        "quantity_lots INTEGER,cost_tick_lots INTEGER,realised_tick_lots INTEGER,checksum INTEGER,"
        "PRIMARY KEY(symbol,venue,account,instrument,position_side))WITHOUT ROWID;"
        "INSERT INTO positions SELECT symbol,'','','',0,quantity_lots,cost_tick_lots,realised_tick_lots,checksum"
        " FROM positions_2;"
        "DROP TABLE positions_2;"
        "ALTER TABLE orders RENAME TO orders_2;"
        "CREATE TABLE orders(order_id TEXT,again INTEGER,cl_ord_id TEXT,symbol TEXT,side INTEGER,status INTEGER,"
        "closed_by INTEGER,flags INTEGER,order_quantity_lots INTEGER,price_ticks INTEGER,cum_quantity_lots INTEGER,"
        "leaves_quantity_lots INTEGER,filled_tick_lots INTEGER,terms_time_ns INTEGER,pending_cancels INTEGER,"
        "pending_replaces INTEGER,venue TEXT,account TEXT,instrument TEXT,position_side INTEGER,first_day INTEGER,"
        "last_day INTEGER,checksum INTEGER,PRIMARY KEY(order_id,again))WITHOUT ROWID;"
        "INSERT INTO orders SELECT order_id,0,cl_ord_id,symbol,side,status,closed_by,flags,order_quantity_lots,"
        "price_ticks,cum_quantity_lots,leaves_quantity_lots,filled_tick_lots,terms_time_ns,pending_cancels,"
        "pending_replaces,'','','',0,0,0,checksum FROM orders_2;"
        "DROP TABLE orders_2;"
        "ALTER TABLE executions RENAME TO executions_2;"
        "CREATE TABLE executions(symbol TEXT,exec_id TEXT,again INTEGER,order_id TEXT,order_again INTEGER,"
        "version INTEGER,exec_type INTEGER,side INTEGER,order_quantity_lots INTEGER,price_ticks INTEGER,"
        "last_quantity_lots INTEGER,last_price_ticks INTEGER,cum_quantity_lots INTEGER,commission_units INTEGER,"
        "comm_currency TEXT,transact_time_ns INTEGER,exec_ref_id TEXT,superseded_by INTEGER,moved_lots INTEGER,"
        "venue TEXT,account TEXT,instrument TEXT,position_side INTEGER,trading_day INTEGER,checksum INTEGER,"
        "PRIMARY KEY(symbol,exec_id,again))WITHOUT ROWID;"
        "INSERT INTO executions SELECT symbol,exec_id,0,order_id,0,version,exec_type,side,order_quantity_lots,"
        "price_ticks,last_quantity_lots,last_price_ticks,cum_quantity_lots,commission_units,comm_currency,"
        "transact_time_ns,exec_ref_id,superseded_by,moved_lots,'','','',0,0,checksum FROM executions_2;"
        "DROP TABLE executions_2;"
        "PRAGMA user_version=3";

static_assert(ENGINE_SCHEMA_VERSION_SCOPED == 3, "the statement above says it");

bool engine_upgrade_is_needed(const struct engine_change *changes, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		const struct engine_execution *execution = &changes[i].execution;
		if (engine_row_number(execution->again) > 0 || engine_row_number(execution->order_again) > 0 ||
		    execution->trading_day != 0 || !engine_row_is_plain(&execution->scope)) {
			return true;
		}
	}
	return false;
}

int engine_upgrade_run(sqlite3 *db) {
	assert(!sqlite3_get_autocommit(db));
	return sqlite3_exec(db, engine_upgrade_sql, NULL, NULL, NULL);
}
