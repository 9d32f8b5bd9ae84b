__attribute__((objc_root_class)) @interface Thrower
+ (void)raise;
@end

int catches_objective_c(void) {
    @try {
        [Thrower raise];
    } @catch (id exception) {
        return 1;
    }
    return 0;
}

@implementation Thrower
+ (void)raise {
    @throw self;
}
@end
