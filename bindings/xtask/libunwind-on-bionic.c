/* What Debian's libunwind expects of glibc and Android's C library lacks. For a check: an app gets the NDK's libunwind. */

int *__errno(void);
_Noreturn void abort(void);

int *__errno_location(void) { return __errno(); }

/* It prints before it gives up. */
int __vfprintf_chk(void *file, int flag, const char *format, __builtin_va_list arguments) { return 0; }

_Noreturn void __assert_fail(const char *what, const char *file, unsigned line, const char *function) { abort(); }
