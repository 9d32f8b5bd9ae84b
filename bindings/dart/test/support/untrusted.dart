import 'dart:async';
import 'dart:convert';
import 'dart:io';

/// A TLS server with a certificate that it has signed itself.
final class UntrustedServer {
  UntrustedServer._(this._socket);

  static Future<UntrustedServer> start() async {
    // Of this test alone: nobody trusts it.
    final context = SecurityContext()
      ..useCertificateChainBytes(utf8.encode(_certificate))
      ..usePrivateKeyBytes(utf8.encode(_key));
    final socket = await ServerSocket.bind(InternetAddress.loopbackIPv4, 0);
    final server = UntrustedServer._(socket);
    socket.listen((connection) async {
      server.connections++;
      try {
        final secure = await SecureSocket.secureServer(connection, context);
        secure.listen((_) => server.requests++, onError: (_) {});
      } on IOException {
        // The client has gone.
      }
    });
    return server;
  }

  final ServerSocket _socket;
  int connections = 0;
  int requests = 0;

  String get url => 'https://localhost:${_socket.port}/';

  Future<void> stop() => _socket.close();
}

const _certificate = '''
-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUbJOSkFyA6SxvMvbX3JTm6nTvWB0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTE4NTAxM1oYDzIxMjYxMTA1
MTg1MDEzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASfps/T/tTv6+e3ZDK9F5uV3imN2CwhmhU1YprCpk/1jRqx7LITPoff
DZ6A1z9snlXhz8ptElawXjfUqaxxa+TVo2kwZzAdBgNVHQ4EFgQUzIOVtsEG4IJy
/7GzJo4Sxc/DMCcwHwYDVR0jBBgwFoAUzIOVtsEG4IJy/7GzJo4Sxc/DMCcwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhAJbVWV+boTpya40osD48DHTYJDA888HP1w5sZ0GBPT+1AiEAoB2jOU17
YlYEKqMmwEsX+kEhjvHG4189VPQuqVEApA0=
-----END CERTIFICATE-----
''';

const _key = '''
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQge+rPVaEDJ1nfxFs7
6qeukEksEWISZj/8GKeSzmbrk9ihRANCAASfps/T/tTv6+e3ZDK9F5uV3imN2Cwh
mhU1YprCpk/1jRqx7LITPoffDZ6A1z9snlXhz8ptElawXjfUqaxxa+TV
-----END PRIVATE KEY-----
''';
