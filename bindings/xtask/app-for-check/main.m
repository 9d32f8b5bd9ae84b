// An app with two Rust libraries, and with exceptions of two other languages. It imports our library as a module, as Swift does.
@import CognitoSignOutFFI;

unsigned int ffi_second_library_uniffi_contract_version(void);
int catches_objective_c(void);
int catches_cpp(void);

int main(void) {
    unsigned int ours = ffi_cognito_signout_uniffi_contract_version();
    return ours == ffi_second_library_uniffi_contract_version() && catches_objective_c() && catches_cpp() ? 0 : 1;
}
