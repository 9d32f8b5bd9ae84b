/// For the tests of apps: a `CognitoAuth` without a server, a keychain and the native library.
library;

export 'src/testing/fake_cognito_auth.dart' show FakeCall, FakeCognitoAuth;
export 'src/testing/fake_result.dart' show FakeResult;
