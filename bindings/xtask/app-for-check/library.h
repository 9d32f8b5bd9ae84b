unsigned int ffi_in_place_of_rust(void);
unsigned int cs_in_place_of_rust(void);
