// The two examples of Amplify Flutter's page on signing out. `Amplify.Auth` is `auth` here, and `safePrint` is `print`. The comment is ours.
import 'package:cognito_signout/cognito_signout.dart';

Future<void> signOutCurrentUser(CognitoAuth auth) async {
  final result = await auth.signOut();
  if (result is CognitoCompleteSignOut) {
    print('Sign out completed successfully');
  } else if (result is CognitoFailedSignOut) {
    print('Error signing user out: ${result.exception.message}');
  }
}

Future<void> signOutGlobally(CognitoAuth auth) async {
  final result = await auth.signOut(
    options: const SignOutOptions(globalSignOut: true),
  );
  if (result is CognitoCompleteSignOut) {
    print('Sign out completed successfully');
  } else if (result is CognitoPartialSignOut) {
    final globalSignOutException = result.globalSignOutException!;
    final accessToken = globalSignOutException.accessToken;
    // `auth.retry(result)` tries again with this token. It cannot help if `RevokeToken` succeeded.
    print('Error signing user out: ${globalSignOutException.message}');
  } else if (result is CognitoFailedSignOut) {
    print('Error signing user out: ${result.exception.message}');
  }
}
