// In place of the Rust code, for the systems that it is not built for here.
#include "library.h"

unsigned int rust_eh_personality(void) { return 1; }

unsigned int ffi_in_place_of_rust(void) { return rust_eh_personality(); }

unsigned int cs_in_place_of_rust(void) { return rust_eh_personality(); }
