/* tests/record/programs/static.c: linked statically, so nothing can be brought in. */
int main(void) {
	return 0;
}
