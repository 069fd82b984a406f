/* sim/world/coroutine.c: ucontext, and what the address sanitizer must be told about it. */
#include "coroutine.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_COROUTINE_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SIM_COROUTINE_SANITIZED 1
#endif
#ifdef SIM_COROUTINE_SANITIZED
#include <sanitizer/common_interface_defs.h>
/* Frames of instrumented code are several times as large. */
#define SIM_COROUTINE_STACK_BYTES ((size_t)1024 * 1024)
#else
#define SIM_COROUTINE_STACK_BYTES ((size_t)256 * 1024)
#endif

struct sim_coroutine_stack {
	char *base; /* the guard page; the stack is above it */
	struct sim_coroutine_stack *next;
};

struct sim_coroutine {
	sim_coroutine_body body;
	void *context;
	struct sim_coroutine_stack *stack;
	ucontext_t machine;
	bool begun;
	bool returned;
	void *fake_stack; /* of the address sanitizer */
};

/* The program has one thread (docs/architecture.md section 4). */
static struct sim_coroutine *sim_coroutine_current;
static ucontext_t sim_coroutine_resumer;
static struct sim_coroutine_stack *sim_coroutine_free_stacks;
static size_t sim_coroutine_used_most;
#ifdef SIM_COROUTINE_SANITIZED
static void *sim_coroutine_resumer_fake_stack;
static const void *sim_coroutine_resumer_bottom;
static size_t sim_coroutine_resumer_size;
#endif

/* ---- stacks ---------------------------------------------------------------------------------- */

static size_t sim_coroutine_page_bytes(void) {
	return (size_t)sysconf(_SC_PAGESIZE);
}

static char *sim_coroutine_stack_low(const struct sim_coroutine_stack *stack) {
	return stack->base + sim_coroutine_page_bytes();
}

static struct sim_coroutine_stack *sim_coroutine_stack_map(void) {
	size_t page = sim_coroutine_page_bytes();
	struct sim_coroutine_stack *stack = calloc(1, sizeof *stack);
	if (stack == NULL) {
		return NULL;
	}
	void *base = mmap(NULL, SIM_COROUTINE_STACK_BYTES + page, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED) {
		free(stack);
		return NULL;
	}
	stack->base = base;
	if (mprotect(base, page, PROT_NONE) != 0) {
		munmap(base, SIM_COROUTINE_STACK_BYTES + page);
		free(stack);
		return NULL;
	}
	return stack;
}

static struct sim_coroutine_stack *sim_coroutine_stack_take(void) {
	struct sim_coroutine_stack *stack = sim_coroutine_free_stacks;
	if (stack == NULL) {
		return sim_coroutine_stack_map();
	}
	sim_coroutine_free_stacks = stack->next;
	stack->next = NULL;
	return stack;
}

static void sim_coroutine_stack_give_back(struct sim_coroutine_stack *stack) {
	stack->next = sim_coroutine_free_stacks;
	sim_coroutine_free_stacks = stack;
}

/* Fresh pages are zero and stacks are used again without being cleared: the lowest byte that is not
 * zero is the deepest that any of its users got. Instrumented builds poison parts of a stack, so
 * this function is not instrumented. */
#if defined(__clang__)
__attribute__((no_sanitize("address")))
#else
__attribute__((no_sanitize_address))
#endif
static size_t
sim_coroutine_stack_depth(const struct sim_coroutine_stack *stack) {
	const char *low = sim_coroutine_stack_low(stack);
	size_t clean = 0;
	while (clean < SIM_COROUTINE_STACK_BYTES && low[clean] == 0) {
		clean++;
	}
	return SIM_COROUTINE_STACK_BYTES - clean;
}

size_t sim_coroutine_stack_bytes(void) {
	return SIM_COROUTINE_STACK_BYTES;
}

size_t sim_coroutine_stack_used_bytes(void) {
	for (const struct sim_coroutine_stack *stack = sim_coroutine_free_stacks; stack != NULL; stack = stack->next) {
		size_t depth = sim_coroutine_stack_depth(stack);
		sim_coroutine_used_most = depth > sim_coroutine_used_most ? depth : sim_coroutine_used_most;
	}
	return sim_coroutine_used_most;
}

void sim_coroutine_release_stacks(void) {
	sim_coroutine_stack_used_bytes();
	while (sim_coroutine_free_stacks != NULL) {
		struct sim_coroutine_stack *stack = sim_coroutine_stack_take();
		munmap(stack->base, SIM_COROUTINE_STACK_BYTES + sim_coroutine_page_bytes());
		free(stack);
	}
}

/* ---- switching ------------------------------------------------------------------------------- */

/* On the stack of the coroutine, when it begins or goes on. */
static void sim_coroutine_arrived(struct sim_coroutine *coroutine) {
#ifdef SIM_COROUTINE_SANITIZED
	__sanitizer_finish_switch_fiber(coroutine->fake_stack, &sim_coroutine_resumer_bottom,
	                                &sim_coroutine_resumer_size);
#else
	(void)coroutine;
#endif
}

/* On the stack of the coroutine, when it stops running. */
static void sim_coroutine_leave(struct sim_coroutine *coroutine) {
	sim_coroutine_current = NULL;
#ifdef SIM_COROUTINE_SANITIZED
	/* NULL tells the sanitizer that the stack's fake frames are not needed any more. */
	__sanitizer_start_switch_fiber(coroutine->returned ? NULL : &coroutine->fake_stack,
	                               sim_coroutine_resumer_bottom, sim_coroutine_resumer_size);
#endif
	swapcontext(&coroutine->machine, &sim_coroutine_resumer);
}

static void sim_coroutine_main(void) {
	struct sim_coroutine *coroutine = sim_coroutine_current;
	sim_coroutine_arrived(coroutine);
	coroutine->body(coroutine->context);
	coroutine->returned = true;
	sim_coroutine_leave(coroutine);
	abort();
}

/* By itself: getcontext() may return twice as far as the compiler knows. */
static bool sim_coroutine_prepare(struct sim_coroutine *coroutine) {
	if (getcontext(&coroutine->machine) != 0) {
		return false;
	}
	coroutine->machine.uc_stack.ss_sp = sim_coroutine_stack_low(coroutine->stack);
	coroutine->machine.uc_stack.ss_size = SIM_COROUTINE_STACK_BYTES;
	coroutine->machine.uc_link = NULL;
	makecontext(&coroutine->machine, sim_coroutine_main, 0);
	return true;
}

struct sim_coroutine *sim_coroutine_create(sim_coroutine_body body, void *context) {
	struct sim_coroutine *coroutine = calloc(1, sizeof *coroutine);
	if (coroutine == NULL) {
		return NULL;
	}
	coroutine->body = body;
	coroutine->context = context;
	coroutine->stack = sim_coroutine_stack_take();
	if (coroutine->stack == NULL || !sim_coroutine_prepare(coroutine)) {
		sim_coroutine_destroy(coroutine);
		return NULL;
	}
	return coroutine;
}

void sim_coroutine_destroy(struct sim_coroutine *coroutine) {
	if (coroutine == NULL) {
		return;
	}
	assert(!coroutine->begun || coroutine->returned);
	if (coroutine->stack != NULL) {
		sim_coroutine_stack_give_back(coroutine->stack);
	}
	free(coroutine);
}

void sim_coroutine_resume(struct sim_coroutine *coroutine) {
	assert(sim_coroutine_current == NULL && !coroutine->returned);
	sim_coroutine_current = coroutine;
	coroutine->begun = true;
#ifdef SIM_COROUTINE_SANITIZED
	__sanitizer_start_switch_fiber(&sim_coroutine_resumer_fake_stack, coroutine->machine.uc_stack.ss_sp,
	                               coroutine->machine.uc_stack.ss_size);
#endif
	swapcontext(&sim_coroutine_resumer, &coroutine->machine);
#ifdef SIM_COROUTINE_SANITIZED
	__sanitizer_finish_switch_fiber(sim_coroutine_resumer_fake_stack, NULL, NULL);
#endif
	assert(sim_coroutine_current == NULL);
}

void sim_coroutine_yield(void) {
	struct sim_coroutine *coroutine = sim_coroutine_current;
	assert(coroutine != NULL);
	sim_coroutine_leave(coroutine);
	sim_coroutine_arrived(coroutine);
}

bool sim_coroutine_has_begun(const struct sim_coroutine *coroutine) {
	return coroutine->begun;
}

bool sim_coroutine_has_returned(const struct sim_coroutine *coroutine) {
	return coroutine->returned;
}

struct sim_coroutine *sim_coroutine_running(void) {
	return sim_coroutine_current;
}
