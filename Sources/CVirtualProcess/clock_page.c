#define _GNU_SOURCE
#include "CEventLoop.h"
#include "CVirtualProcess.h"
#include "eddy_result.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

// MARK: The code of the page

/// Where the code is in the page, after the clock.
enum { CODE_OFFSET = 64 };

_Static_assert(sizeof(eddy_clock_page) <= CODE_OFFSET, "the clock precedes the code");

// The functions that replace those of the vDSO. Registers as in the C calling convention: rdi and rsi have the
// arguments, rax, rcx, rdx, rsi, rdi and r8 to r11 may be changed. Threads of a process run one at a time, so the clock needs
// no atomic instruction.
//
// page_now leaves the clock's reading in rax, or jumps to its caller's system call: r9 is the number of that call.
__asm__(
    ".pushsection .rodata\n"
    ".balign 16\n"
    ".globl eddy_page_code\n"
    "eddy_page_code:\n"

    // int clock_gettime(clockid_t, struct timespec *)
    "page_clock_gettime:\n"
    "  movl $228, %r9d\n"
    "  xorl %r10d, %r10d\n"
    "  testl %edi, %edi\n"
    "  je 2f\n"
    "  cmpl $5, %edi\n"
    "  je 2f\n"
    "  cmpl $1, %edi\n"
    "  je 1f\n"
    "  cmpl $4, %edi\n"
    "  je 1f\n"
    "  cmpl $6, %edi\n"
    "  je 1f\n"
    "  cmpl $7, %edi\n"
    "  jne page_call\n"
    "1: movl $1, %r10d\n"
    "2: movabsq $0x6FFF00000000, %r8\n"
    "  movq (%r8), %rax\n"
    "  cmpq 16(%r8), %rax\n"
    "  jge page_call\n"
    "  addq 24(%r8), %rax\n"
    "  movq %rax, (%r8)\n"
    "  testl %r10d, %r10d\n"
    "  jne 3f\n"
    "  addq 8(%r8), %rax\n"
    "3: xorl %edx, %edx\n"
    "  movl $1000000000, %ecx\n"
    "  divq %rcx\n"
    "  movq %rax, (%rsi)\n"
    "  movq %rdx, 8(%rsi)\n"
    "  xorl %eax, %eax\n"
    "  ret\n"

    // Makes the system call r9 with the arguments as they are.
    "page_call:\n"
    "  movl %r9d, %eax\n"
    "  syscall\n"
    "  ret\n"

    // int gettimeofday(struct timeval *, struct timezone *)
    "page_gettimeofday:\n"
    "  movl $96, %r9d\n"
    "  testq %rsi, %rsi\n"
    "  jne page_call\n"
    "  testq %rdi, %rdi\n"
    "  je page_call\n"
    "  movabsq $0x6FFF00000000, %r8\n"
    "  movq (%r8), %rax\n"
    "  cmpq 16(%r8), %rax\n"
    "  jge page_call\n"
    "  addq 24(%r8), %rax\n"
    "  movq %rax, (%r8)\n"
    "  addq 8(%r8), %rax\n"
    "  xorl %edx, %edx\n"
    "  movl $1000000000, %ecx\n"
    "  divq %rcx\n"
    "  movq %rax, (%rdi)\n"
    "  movl %edx, %eax\n"
    "  xorl %edx, %edx\n"
    "  movl $1000, %ecx\n"
    "  divl %ecx\n"
    "  movq %rax, 8(%rdi)\n"
    "  xorl %eax, %eax\n"
    "  ret\n"

    // time_t time(time_t *)
    "page_time:\n"
    "  movl $201, %r9d\n"
    "  movabsq $0x6FFF00000000, %r8\n"
    "  movq (%r8), %rax\n"
    "  cmpq 16(%r8), %rax\n"
    "  jge page_call\n"
    "  addq 24(%r8), %rax\n"
    "  movq %rax, (%r8)\n"
    "  addq 8(%r8), %rax\n"
    "  xorl %edx, %edx\n"
    "  movl $1000000000, %ecx\n"
    "  divq %rcx\n"
    "  testq %rdi, %rdi\n"
    "  je 1f\n"
    "  movq %rax, (%rdi)\n"
    "1: ret\n"

    // int clock_getres(clockid_t, struct timespec *), int getcpu(unsigned *, unsigned *, void *)
    "page_clock_getres:\n"
    "  movl $229, %r9d\n"
    "  jmp page_call\n"
    "page_getcpu:\n"
    "  movl $309, %r9d\n"
    "  jmp page_call\n"

    // Any other function: the C library then makes the system call.
    "page_other:\n"
    "  movq $-38, %rax\n"
    "  ret\n"
    ".globl eddy_page_code_end\n"
    "eddy_page_code_end:\n"
    ".popsection\n");

extern const uint8_t eddy_page_code[], eddy_page_code_end[];
extern const uint8_t page_clock_gettime[], page_gettimeofday[], page_time[], page_clock_getres[], page_getcpu[],
    page_other[];

// MARK: The functions of the vDSO

/// A function of the vDSO and what replaces it.
typedef struct {
  uint64_t offset;
  uint64_t replacement;
} replacement;

enum { MAXIMUM_FUNCTIONS = 32 };

static replacement functions[MAXIMUM_FUNCTIONS];
static int function_count = -1;

/// The code in the page for a function of the vDSO.
static uint64_t code_for(const char *name) {
  static const struct {
    const char *name;
    const uint8_t *code;
  } known[] = {
      {"clock_gettime", page_clock_gettime}, {"gettimeofday", page_gettimeofday}, {"time", page_time},
      {"clock_getres", page_clock_getres},   {"getcpu", page_getcpu},
  };
  const uint8_t *code = page_other;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strncmp(name, "__vdso_", 7) == 0 && strcmp(name + 7, known[i].name) == 0) code = known[i].code;
  }
  return EDDY_CLOCK_PAGE + CODE_OFFSET + (uint64_t)(code - eddy_page_code);
}

/// Finds the functions of the vDSO, which is the same in every process.
static void find_functions(void) {
  function_count = 0;
  const uint8_t *base = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);
  if (base == NULL) return;
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)base;
  const Elf64_Shdr *sections = (const Elf64_Shdr *)(base + header->e_shoff);
  for (int i = 0; i < header->e_shnum; i++) {
    if (sections[i].sh_type != SHT_DYNSYM) continue;
    const Elf64_Sym *symbols = (const Elf64_Sym *)(base + sections[i].sh_offset);
    const char *names = (const char *)base + sections[sections[i].sh_link].sh_offset;
    size_t count = sections[i].sh_size / sizeof *symbols;
    for (size_t j = 0; j < count && function_count < MAXIMUM_FUNCTIONS; j++) {
      const char *name = names + symbols[j].st_name;
      // The other names, without the prefix, are aliases of these.
      if (ELF64_ST_TYPE(symbols[j].st_info) != STT_FUNC || strncmp(name, "__vdso_", 7) != 0) continue;
      functions[function_count++] = (replacement){symbols[j].st_value, code_for(name)};
    }
  }
}

// MARK: Preparing a program

/// What the kernel tells a new program, in pairs of a kind and a value.
typedef struct {
  uint64_t pairs[128];
  int count;
} auxiliary_vector;

static int32_t read_auxiliary_vector(int32_t process, auxiliary_vector *vector) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/auxv", process);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  int64_t count = eddy_read(file, vector->pairs, sizeof vector->pairs);
  close(file);
  vector->count = count < 0 ? 0 : (int)(count / 16);
  return count < 0 ? (int32_t)count : 0;
}

static uint64_t value_of(const auxiliary_vector *vector, uint64_t kind) {
  for (int i = 0; i < vector->count; i++) {
    if (vector->pairs[2 * i] == kind) return vector->pairs[2 * i + 1];
  }
  return 0;
}

/// Continues by `request` to the thread's next stop.
static int32_t advance(int32_t thread, enum __ptrace_request request) {
  if (ptrace(request, thread, NULL, NULL) < 0) return -errno;
  int64_t result;
  int status = 0;
  EDDY_UNINTERRUPTED(result, waitpid(thread, &status, __WALL));
  if (result < 0) return (int32_t)result;
  return WIFSTOPPED(status) ? 0 : -ESRCH;
}

/// Writes to memory that the process itself may not write.
static int32_t write_code(int32_t process, uint64_t address, const void *bytes, size_t count) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", process);
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return -errno;
  int32_t result = (int32_t)eddy_result_of(pwrite(file, bytes, count, (off_t)address));
  close(file);
  return result < 0 ? result : result == (int32_t)count ? 0 : -EIO;
}

/// Lets the stopped thread make a system call that is not traced. Returns the call's result.
static int64_t make_call(int32_t thread, int64_t number, const uint64_t arguments[6]) {
  struct user_regs_struct before, registers;
  int32_t result = eddy_trace_get_registers(thread, &before);
  if (result < 0) return result;
  uint8_t saved[2];
  static const uint8_t instruction[2] = {0x0F, 0x05};
  if (eddy_memory_read(thread, before.rip, saved, sizeof saved) != sizeof saved) return -EFAULT;
  result = write_code(thread, before.rip, instruction, sizeof instruction);
  if (result < 0) return result;
  registers = before;
  registers.rax = (uint64_t)number;
  registers.orig_rax = (uint64_t)-1;
  registers.rdi = arguments[0], registers.rsi = arguments[1], registers.rdx = arguments[2];
  registers.r10 = arguments[3], registers.r8 = arguments[4], registers.r9 = arguments[5];
  result = eddy_trace_set_registers(thread, &registers);
  if (result == 0) result = advance(thread, PTRACE_SINGLESTEP);
  if (result == 0) result = eddy_trace_get_registers(thread, &registers);
  if (result < 0) return result;
  before.orig_rax = (uint64_t)-1;
  result = write_code(thread, before.rip, saved, sizeof saved);
  if (result == 0) result = eddy_trace_set_registers(thread, &before);
  return result < 0 ? result : (int64_t)registers.rax;
}

/// Maps the page and fills it. Returns whether that succeeded.
static bool map_page(int32_t process, const eddy_clock_page *page) {
  const uint64_t arguments[6] = {
      EDDY_CLOCK_PAGE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
      (uint64_t)-1,    0};
  if (make_call(process, SYS_mmap, arguments) != (int64_t)EDDY_CLOCK_PAGE) return false;
  size_t size = (size_t)(eddy_page_code_end - eddy_page_code);
  return eddy_memory_write(process, EDDY_CLOCK_PAGE, page, sizeof *page) == sizeof *page &&
         eddy_memory_write(process, EDDY_CLOCK_PAGE + CODE_OFFSET, eddy_page_code, size) == (int64_t)size;
}

/// Leads each function of the vDSO to its replacement.
static bool replace_functions(int32_t process, uint64_t base) {
  for (int i = 0; i < function_count; i++) {
    // movabs $replacement, %rax; jmp *%rax
    uint8_t jump[12] = {0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xE0};
    memcpy(jump + 2, &functions[i].replacement, 8);
    if (write_code(process, base + functions[i].offset, jump, sizeof jump) < 0) return false;
  }
  return true;
}

/// Hides the vDSO: the program makes system calls instead.
static int32_t hide_functions(int32_t process) {
  struct user_regs_struct registers;
  int32_t result = eddy_trace_get_registers(process, &registers);
  if (result < 0) return result;
  // On the stack: the count of arguments, the arguments, null, the environment, null, the auxiliary vector.
  uint64_t address = registers.rsp + 8, word = 0;
  for (int nulls = 0; nulls < 2; address += 8) {
    if (eddy_memory_read(process, address, &word, 8) != 8) return -EFAULT;
    if (word == 0) nulls++;
  }
  for (;; address += 16) {
    if (eddy_memory_read(process, address, &word, 8) != 8) return -EFAULT;
    if (word == AT_NULL) return 0;
    if (word == AT_SYSINFO_EHDR) break;
  }
  word = AT_IGNORE;
  return eddy_memory_write(process, address, &word, 8) == 8 ? 0 : -EFAULT;
}

int32_t eddy_trace_prepare(int32_t process, const eddy_clock_page *page, const uint8_t random[16]) {
  if (function_count < 0) find_functions();
  // At the event of exec the kernel has yet to set the registers: that is done at the call's end.
  int32_t result = advance(process, PTRACE_SYSCALL);
  if (result < 0) return result;
  auxiliary_vector vector;
  result = read_auxiliary_vector(process, &vector);
  if (result < 0) return result;
  uint64_t bytes = value_of(&vector, AT_RANDOM), base = value_of(&vector, AT_SYSINFO_EHDR);
  if (bytes != 0) eddy_memory_write(process, bytes, random, 16);
  bool is_mapped = map_page(process, page);
  if (base == 0) return is_mapped;
  if (is_mapped && replace_functions(process, base)) return 1;
  return hide_functions(process);
}
