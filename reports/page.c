/* reports/page.c: one way to write a page in two formats. The HTML is one file without scripts or
 * anything fetched. */
#include "reports.h"

#include <string.h>

static const char reports_page_style_sheet[] =
        ":root{--ink:#1d2429;--soft:#5c6970;--line:#d9dfe3;--wash:#f5f7f8;--ok:#1c6e46;--ok-wash:#e4f2ea;--red:#a12323;"
        "--red-wash:#fbe9e9}\n"
        "@media(prefers-color-scheme:dark){:root{--ink:#dfe5e8;--soft:#96a3aa;--line:#343d43;--wash:#1f2629;--ok:#"
        "7fcfa3;"
        "--ok-wash:#16352a;--red:#f19a9a;--red-wash:#452022;color-scheme:dark}body{background:#171c1f}}\n"
        "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);max-width:76rem;margin:2.5rem auto;padding:0 "
        "1.5rem}\n"
        "h1{font-size:1.7rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:3rem 0 .3rem;padding-top:1rem;"
        "border-top:1px solid var(--line)}h3{font-size:.95rem;margin:1.4rem 0 .3rem;color:var(--soft)}p{margin:.3rem "
        "0}\n"
        ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums;"
        "min-width:30rem}\n"
        "th{text-align:left;font-weight:600;color:var(--soft);background:var(--wash)}"
        "th,td{padding:.3rem .8rem;border-bottom:1px solid var(--line);vertical-align:top}\n"
        "td.n,th.n{text-align:right;white-space:nowrap}code{font:.85em ui-monospace,monospace;white-space:nowrap}"
        "a{color:inherit}\n"
        ".ok,.red{font-weight:600;padding:.05rem "
        ".5rem;border-radius:.3rem}.ok{color:var(--ok);background:var(--ok-wash)}"
        ".red{color:var(--red);background:var(--red-wash)}\n";

static bool reports_page_is_html(const struct reports_page *page) {
	return page->format == REPORTS_FORMAT_HTML;
}

static void reports_page_put_html(FILE *file, const char *text) {
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		default:
			fputc(*text, file);
		}
	}
}

/* A pipe would end the cell and a line end the row; the rest is what Markdown takes as markup in
 * running text. */
static void reports_page_put_markdown(FILE *file, const char *text) {
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			fputc(' ', file);
			continue;
		}
		if (strchr("|*_<`\\", *text) != NULL) {
			fputc('\\', file);
		}
		fputc(*text, file);
	}
}

static void reports_page_put_text(const struct reports_page *page, const char *text) {
	if (reports_page_is_html(page)) {
		reports_page_put_html(page->file, text);
	} else {
		reports_page_put_markdown(page->file, text);
	}
}

/* Inside a code span of a Markdown table only the pipe and the back quote need care, and a back
 * quote does not occur. */
static void reports_page_put_code(const struct reports_page *page, const char *text) {
	if (text[0] == '\0') {
		return;
	}
	if (reports_page_is_html(page)) {
		fputs("<code>", page->file);
		reports_page_put_html(page->file, text);
		fputs("</code>", page->file);
		return;
	}
	fputc('`', page->file);
	for (; *text != '\0'; text++) {
		fputs(*text == '|' ? "\\|" : "", page->file);
		if (*text != '|') {
			fputc(*text == '\n' || *text == '`' ? ' ' : *text, page->file);
		}
	}
	fputc('`', page->file);
}

static void reports_page_put_state(const struct reports_page *page, const char *state) {
	if (reports_page_is_html(page)) {
		bool ok = strcmp(state, "ok") == 0;
		fprintf(page->file, "<span class=\"%s\">", ok ? "ok" : "red");
		reports_page_put_html(page->file, state);
		fputs("</span>", page->file);
	} else {
		fputs("**", page->file);
		reports_page_put_markdown(page->file, state);
		fputs("**", page->file);
	}
}

/* The id of a criterion leads to its section. */
static void reports_page_put_link(const struct reports_page *page, const char *id) {
	if (reports_page_is_html(page)) {
		fprintf(page->file, "<a href=\"#%s\">", id);
		reports_page_put_html(page->file, id);
		fputs("</a>", page->file);
	} else {
		reports_page_put_markdown(page->file, id);
	}
}

void reports_page_begin(const struct reports_page *page, const char *title) {
	if (reports_page_is_html(page)) {
		fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
		      page->file);
		reports_page_put_html(page->file, title);
		fprintf(page->file, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", reports_page_style_sheet);
	}
	reports_page_heading(page, 1, title, NULL);
}

void reports_page_end(const struct reports_page *page) {
	if (reports_page_is_html(page)) {
		fputs("</body>\n</html>\n", page->file);
	}
}

void reports_page_heading(const struct reports_page *page, int level, const char *text, const char *anchor) {
	if (!reports_page_is_html(page)) {
		fprintf(page->file, "%.*s ", level, "###");
		reports_page_put_markdown(page->file, text);
		fputs("\n\n", page->file);
		return;
	}
	fprintf(page->file, "<h%d", level);
	if (anchor != NULL) {
		fprintf(page->file, " id=\"%s\"", anchor);
	}
	fputc('>', page->file);
	reports_page_put_html(page->file, text);
	fprintf(page->file, "</h%d>\n", level);
}

void reports_page_paragraph(const struct reports_page *page, const char *text) {
	fputs(reports_page_is_html(page) ? "<p>" : "", page->file);
	reports_page_put_text(page, text);
	fputs(reports_page_is_html(page) ? "</p>\n" : "\n\n", page->file);
}

static const char *reports_page_cell_text(sqlite3_stmt *statement, int column) {
	const char *text = (const char *)sqlite3_column_text(statement, column);
	return text != NULL ? text : "";
}

/* Set right: numbers, and texts that are a percentage. */
static bool reports_page_is_number(sqlite3_stmt *statement, int column) {
	int type = sqlite3_column_type(statement, column);
	const char *text = type == SQLITE_TEXT ? reports_page_cell_text(statement, column) : "";
	size_t length = strlen(text);
	return type == SQLITE_INTEGER || type == SQLITE_FLOAT || (length > 0 && text[length - 1] == '%');
}

static void reports_page_put_header(const struct reports_page *page, sqlite3_stmt *statement) {
	int count = sqlite3_column_count(statement);
	fputs(reports_page_is_html(page) ? "<div class=\"wide\"><table>\n<tr>" : "|", page->file);
	for (int i = 0; i < count; i++) {
		if (reports_page_is_html(page)) {
			fputs(reports_page_is_number(statement, i) ? "<th class=\"n\">" : "<th>", page->file);
		} else {
			fputc(' ', page->file);
		}
		reports_page_put_text(page, sqlite3_column_name(statement, i));
		fputs(reports_page_is_html(page) ? "</th>" : " |", page->file);
	}
	fputs(reports_page_is_html(page) ? "</tr>\n" : "\n|", page->file);
	for (int i = 0; i < count && !reports_page_is_html(page); i++) {
		fputs(reports_page_is_number(statement, i) ? "---:|" : "---|", page->file);
	}
	fputs(reports_page_is_html(page) ? "" : "\n", page->file);
}

static void reports_page_put_cell(const struct reports_page *page, const char *column, const char *text) {
	if (strcmp(column, "state") == 0) {
		reports_page_put_state(page, text);
	} else if (strcmp(column, "id") == 0) {
		reports_page_put_link(page, text);
	} else if (strcmp(column, "replay") == 0 || strcmp(column, "function") == 0 || strcmp(column, "test") == 0) {
		reports_page_put_code(page, text);
	} else {
		reports_page_put_text(page, text);
	}
}

static void reports_page_put_row(const struct reports_page *page, sqlite3_stmt *statement) {
	int count = sqlite3_column_count(statement);
	fputs(reports_page_is_html(page) ? "<tr>" : "|", page->file);
	for (int i = 0; i < count; i++) {
		if (reports_page_is_html(page)) {
			fputs(reports_page_is_number(statement, i) ? "<td class=\"n\">" : "<td>", page->file);
		} else {
			fputc(' ', page->file);
		}
		reports_page_put_cell(page, sqlite3_column_name(statement, i), reports_page_cell_text(statement, i));
		fputs(reports_page_is_html(page) ? "</td>" : " |", page->file);
	}
	fputs(reports_page_is_html(page) ? "</tr>\n" : "\n", page->file);
}

bool reports_page_table(const struct reports_page *page, sqlite3 *db, const char *sql, const char *parameter,
                        char *why) {
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	if (result == SQLITE_OK && parameter != NULL) {
		result = sqlite3_bind_text(statement, 1, parameter, -1, SQLITE_STATIC);
	}
	bool any = false;
	while (result == SQLITE_OK && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!any) {
			reports_page_put_header(page, statement);
			any = true;
		}
		reports_page_put_row(page, statement);
		result = SQLITE_OK;
	}
	if (result != SQLITE_DONE) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: %s", sqlite3_errmsg(db), sql);
	} else if (any) {
		fputs(reports_page_is_html(page) ? "</table></div>\n" : "\n", page->file);
	} else {
		reports_page_paragraph(page, "none");
	}
	sqlite3_finalize(statement);
	return result == SQLITE_DONE;
}
