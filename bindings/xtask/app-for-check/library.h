unsigned int ffi_in_place_of_rust(void);
