/* tests/plugin/no_entry_point.c: a shared object that is no plug-in. */
int no_entry_point(void);

int no_entry_point(void) {
	return 0;
}
