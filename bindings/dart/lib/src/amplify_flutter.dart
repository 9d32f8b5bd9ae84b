import 'dart:async';
import 'dart:convert';

/// The items of Amplify Flutter's session, for `CognitoAuth.readSession` with `Layout.amplifyFlutter`.
///
/// Its secure storage cannot list what it has, so each item is asked for by its name. [read] is the function of that name of Amplify's
/// own `AmplifySecureStorage`, with the scope of its auth plugin: see `example/move_in.dart`. [clientId] is the app client, and [identityPoolId] the
/// identity pool, if the app uses one. What [read] throws is passed on: that store cannot be read now.
Future<Map<String, String>> amplifyFlutterItems(
  FutureOr<String?> Function(String name) read, {
  required String clientId,
  String? identityPoolId,
}) async {
  final items = <String, String>{};
  Future<void> take(String prefix, List<String> names) async {
    for (final name in names) {
      if (await read('$prefix.$name') case final value?) items['$prefix.$name'] = value;
    }
  }

  const tokens = ['accessToken', 'idToken', 'refreshToken'];
  await take(clientId, [...tokens, 'username', 'authFlowType']);
  await take('$clientId.hostedUi', [...tokens, 'options', 'provider']);
  if (identityPoolId != null) {
    await take(identityPoolId, ['identityId', 'accessKeyId', 'secretAccessKey', 'sessionToken', 'expiration']);
    await take(identityPoolId, ['provider', 'idToken']);
  }
  // A remembered device lies under the user's name in the pool, which can be another one than the user typed.
  final names = {
    _username(items['$clientId.hostedUi.accessToken'] ?? items['$clientId.accessToken']),
    items['$clientId.username'],
  };
  for (final name in names.nonNulls) {
    await take('$clientId.$name', ['deviceKey', 'deviceGroupKey', 'devicePassword', 'deviceStatus']);
  }
  return items;
}

/// The claim of an access token. The library checks the token when it reads the session.
String? _username(String? token) {
  try {
    final payload = utf8.decode(base64Url.decode(base64Url.normalize(token?.split('.')[1] ?? '')));
    return switch (jsonDecode(payload)) {
      {'username': final String username} => username,
      _ => null,
    };
  } on FormatException {
    return null;
  } on RangeError {
    return null;
  }
}
