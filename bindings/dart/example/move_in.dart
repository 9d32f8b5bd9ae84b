// From Amplify Flutter's store to this library's. `read` and `delete` are those of Amplify's own secure storage:
//
//     final amplifys = AmplifySecureStorage.factoryFrom()(AmplifySecureStorageScope.awsCognitoAuthPlugin);
//     await moveIn(auth, (name) => amplifys.read(key: name), (name) => amplifys.delete(key: name), clientId: …);
import 'dart:async';

import 'package:cognito_signout/cognito_signout.dart';

/// At launch. It can be cut short anywhere: the next launch goes on.
Future<void> moveIn(
  CognitoAuth auth,
  FutureOr<String?> Function(String name) read,
  FutureOr<void> Function(String name) delete, {
  required String clientId,
  String? identityPoolId,
}) async {
  final items = await amplifyFlutterItems(read, clientId: clientId, identityPoolId: identityPoolId);
  // Moved before, or nobody was signed in.
  if (items.isEmpty) return;
  var wasSignedOut = false;
  if (await auth.session() is SignedOutState) {
    final AdoptedSession found;
    try {
      found = await auth.readSession(Layout.amplifyFlutter, items, identityPoolId: identityPoolId);
    } on AdoptException catch (nobody) {
      // For example `nobodySignedIn`: then the user signs in.
      print(nobody);
      return;
    }
    switch (await auth.adopt(found)) {
      case AdoptionRefused(:final exception):
        print('not adopted, try again at the next launch: $exception');
        return;
      case AlreadySignedOut():
        wasSignedOut = true;
      case Adopted() || AlreadySignedIn():
        break;
    }
  }
  if (!wasSignedOut) {
    try {
      // Until a refresh has shown that the session lives here, Amplify has the only one that does.
      await auth.refresh();
    } on AuthException {
      // Offline, or the keychain cannot be read: the next launch goes on here.
      return;
    }
  }
  for (final name in await auth.namesToForget(Layout.amplifyFlutter, items, identityPoolId: identityPoolId)) {
    await delete(name);
  }
}
