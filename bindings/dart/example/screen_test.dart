// A part of an app, and its test: without a server, a keychain and the native library.
import 'package:cognito_signout/cognito_signout.dart';
import 'package:cognito_signout/testing.dart';

/// What the app shows after a sign-out.
Future<String> signOutAndSay(CognitoAuth auth) async => switch (await auth.signOut()) {
      CognitoCompleteSignOut() => 'You are signed out.',
      CognitoPartialSignOut() => 'You are signed out of this device. The rest follows when the network is back.',
      CognitoFailedSignOut() => 'You are still signed in.',
    };

/// In an app it is a `test` of `package:test`, with `expect`.
Future<void> withoutANetworkTheUserIsSignedOutOfThisDevice() async {
  final fake = FakeCognitoAuth()..signIn();
  fake.answerSignOut(FakeResult.partial(revokeToken: ErrorCode.networkUnavailable));
  final said = await signOutAndSay(fake.auth);
  if (!said.contains('of this device')) throw StateError(said);
}
