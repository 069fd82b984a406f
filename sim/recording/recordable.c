/* sim/recording/recordable.c: see recordable.h. */
#include "recordable.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Of scripts whose interpreters are scripts. */
#define SIM_RECORDABLE_SCRIPTS_MAX 5
#define SIM_RECORDABLE_HEAD_BYTES 4096

#if defined(__x86_64__)
#define SIM_RECORDABLE_MACHINE EM_X86_64
#else
#define SIM_RECORDABLE_MACHINE EM_AARCH64
#endif

static bool sim_recordable_refuse(char *why, const char *path, const char *what) {
	snprintf(why, SIM_RECORDABLE_WHY_SIZE, "%.900s: %s", path, what);
	return false;
}

/* Where execvp() finds it. */
static bool sim_recordable_find(const char *name, char path[PATH_MAX]) {
	const char *folders = getenv("PATH");
	if (strchr(name, '/') != NULL) {
		snprintf(path, PATH_MAX, "%s", name);
		return access(path, X_OK) == 0;
	}
	folders = folders != NULL ? folders : "/bin:/usr/bin";
	errno = ENOENT;
	while (*folders != '\0') {
		size_t length = strcspn(folders, ":");
		struct stat status;
		snprintf(path, PATH_MAX, "%.*s%s%s", (int)length, folders, length > 0 ? "/" : "", name);
		if (access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
			return true;
		}
		folders += length + (folders[length] == ':' ? 1 : 0);
	}
	snprintf(path, PATH_MAX, "%s", name);
	return false;
}

/* Whether one of its program headers names a loader, which reads LD_PRELOAD. */
static bool sim_recordable_has_loader(const unsigned char *head, size_t size) {
	Elf64_Ehdr elf;
	memcpy(&elf, head, sizeof elf);
	for (size_t i = 0; i < elf.e_phnum; i++) {
		Elf64_Phdr one;
		size_t at = elf.e_phoff + i * elf.e_phentsize;
		if (elf.e_phentsize < sizeof one || at > size || size - at < sizeof one) {
			return true; /* the program's table lies further behind: nobody knows */
		}
		memcpy(&one, head + at, sizeof one);
		if (one.p_type == PT_INTERP) {
			return true;
		}
	}
	return false;
}

static bool sim_recordable_check_elf(const char *path, const unsigned char *head, size_t size, char *why) {
	Elf64_Ehdr elf;
	if (size < sizeof elf || head[EI_CLASS] != ELFCLASS64 || head[EI_DATA] != ELFDATA2LSB) {
		return sim_recordable_refuse(why, path, "a program for another machine, expected one for this one");
	}
	memcpy(&elf, head, sizeof elf);
	if (elf.e_machine != SIM_RECORDABLE_MACHINE) {
		return sim_recordable_refuse(why, path, "a program for another machine, expected one for this one");
	}
	return sim_recordable_has_loader(head, size) ||
	       sim_recordable_refuse(why, path,
	                             "linked statically, so nothing can be brought in: link it dynamically, or write a "
	                             "scenario (docs/your-program.md)");
}

static bool sim_recordable_check_rights(const char *path, char *why) {
	struct stat status;
	char capability[8];
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
		return sim_recordable_refuse(why, path, "expected a program");
	}
	bool is_other = (status.st_mode & S_ISUID) != 0 && status.st_uid != geteuid();
	bool has_more = getxattr(path, "security.capability", capability, sizeof capability) >= 0 || errno == ERANGE;
	if (is_other || (status.st_mode & S_ISGID) != 0 || (has_more && geteuid() != 0)) {
		return sim_recordable_refuse(
		        why, path,
		        "has rights of its own (setuid, setgid or capabilities), so nothing can be brought "
		        "in: record a copy without them");
	}
	return true;
}

/* The interpreter that a script names. */
static bool sim_recordable_interpreter(const unsigned char *head, size_t size, char path[PATH_MAX]) {
	char line[PATH_MAX] = "";
	size_t length = size - 2 < sizeof line - 1 ? size - 2 : sizeof line - 1;
	memcpy(line, head + 2, length);
	line[strcspn(line, "\n")] = '\0';
	char *word = line + strspn(line, " \t");
	word[strcspn(word, " \t")] = '\0';
	snprintf(path, PATH_MAX, "%s", word);
	return word[0] == '/';
}

bool sim_recordable_check(const char *name, char why[SIM_RECORDABLE_WHY_SIZE]) {
	char path[PATH_MAX];
	unsigned char head[SIM_RECORDABLE_HEAD_BYTES];
	if (!sim_recordable_find(name, path)) {
		return sim_recordable_refuse(why, name, strerror(errno));
	}
	for (int i = 0; i < SIM_RECORDABLE_SCRIPTS_MAX; i++) {
		if (!sim_recordable_check_rights(path, why)) {
			return false;
		}
		FILE *file = fopen(path, "rb");
		if (file == NULL) {
			return sim_recordable_refuse(why, path, strerror(errno));
		}
		size_t size = fread(head, 1, sizeof head, file);
		fclose(file);
		if (size >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0) {
			return sim_recordable_check_elf(path, head, size, why);
		}
		bool is_script = size > 2 && memcmp(head, "#!", 2) == 0;
		if (!is_script || !sim_recordable_interpreter(head, size, path)) {
			return sim_recordable_refuse(why, path,
			                             "expected a program, or a script with #! and an interpreter");
		}
	}
	return sim_recordable_refuse(why, path, "a script of scripts, expected a program");
}
