extern "C" int catches_cpp() {
    try {
        throw 1;
    } catch (int) {
        return 1;
    }
}
