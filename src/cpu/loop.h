/* src/cpu/loop.h - loops that only copy or fill, run many iterations at once.
 *
 * A loop here is one block that ends with a bdnz to its own first instruction, and whose other instructions are loads, stores,
 * addi, li, mr and nothing else (loop.c's table of accesses). Its body is evaluated once with symbols: what each register holds
 * and where each access goes, in terms of the registers at the iteration's begin. If all accesses go up or down through memory
 * without a gap, and each stored value is one that was loaded in the same iteration or one that never changes, then K iterations
 * are one copy or one fill of host memory, and the registers behind them are known. That holds for memcpy, memmove, memset
 * and their unrolled forms in bytes, words or vectors, whatever registers, order and addressing they use.
 *
 * Whole iterations only, fewer than are left to do, no more than the budget has, and only within pages whose accesses need no
 * second look (the attribute byte that each single access tests). So a run with loops and one without
 * differ in nothing but time.
 */
#ifndef SRC_CPU_LOOP_H
#define SRC_CPU_LOOP_H

#include "src/cpu/insn.h"

#define LOOP_OPS 40u          /* instructions of an iteration, at most */
#define LOOPS 256u            /* plans kept; a power of two */

/* The bdnz's field c; its a and b are then the number of its plan. */
enum loop_state { LOOP_NO, LOOP_MAYBE, LOOP_KNOWN };

struct cpu;
struct loop;                  /* a plan */

void loop_init(struct cpu *cpu);
void loop_fini(struct cpu *cpu);
/**
 * At a bdnz that has been taken and may close such a loop (its c is not LOOP_NO): runs as many whole iterations as it may.
 *
 * @op      the bdnz, of a decoded page; CTR has been decremented and is not 0
 * @left    of the budget
 * @return  instructions executed, 0 = none; CTR, registers and memory are as behind them, at the loop's first instruction
 */
uint64_t loop_run(struct cpu *cpu, struct ppc_context *c, struct ppc_op *op, uint64_t left);

#endif
