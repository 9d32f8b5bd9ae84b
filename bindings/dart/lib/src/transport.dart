import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

import 'native/connection.dart';
import 'words.dart';

/// Sends requests. It must verify the server's certificate, follow no redirect, keep no cookies, cache nothing, and pass on the
/// response's headers: they show that a response is Cognito's. Implement it to pin certificates or to use the app's own HTTP client.
/// [DartIoTransport] is the default. In a file that uses `dart:io` too, write `import 'dart:io' hide HttpRequest, HttpResponse;`.
abstract interface class HttpTransport {
  /// Sends [request], and returns the response. Requests can overlap. A [TransportException] says why there is none; anything else
  /// that is thrown counts as an error of the transport.
  Future<HttpResponse> send(HttpRequest request);
}

/// A request. It prints only its method and URL: the headers and the body can contain secrets.
final class HttpRequest {
  HttpRequest._(Map<String, dynamic> json, this.closed)
      : method = json['method'] as String,
        url = Uri.parse(json['url'] as String),
        headers = [for (final header in json['headers'] as List) HttpHeader((header as List)[0] as String, header[1] as String)],
        body = json['body'] as String;

  /// `GET` or `POST`.
  final String method;

  /// The URL. It never contains a token.
  final Uri url;

  /// The headers, in order.
  final List<HttpHeader> headers;

  /// The body, empty for a `GET`.
  final String body;

  /// Completes when nobody waits for the response any more: stop the work for it.
  final Future<void> closed;

  @override
  String toString() => '$method $url';
}

/// One header. It prints only its name.
final class HttpHeader {
  /// A header.
  const HttpHeader(this.name, this.value);

  /// The name.
  final String name;

  /// The value.
  final String value;

  @override
  String toString() => name;
}

/// A response with any status. It prints only its status.
final class HttpResponse {
  /// A response.
  const HttpResponse(this.status, {this.headers = const [], this.body = ''});

  /// The status code.
  final int status;

  /// The headers, in order.
  final List<HttpHeader> headers;

  /// The body, at most 1 MiB.
  final String body;

  @override
  String toString() => 'HTTP $status';
}

/// Why there is no response.
final class TransportException implements Exception {
  /// [detail] is text for people. It must contain nothing from the request's headers or body.
  const TransportException(this.kind, this.detail);

  /// What went wrong. It decides whether the request is tried again.
  final TransportExceptionKind kind;

  /// Text for people.
  final String detail;

  @override
  String toString() => 'TransportException: ${kind.word}: $detail';
}

/// What went wrong with a request.
enum TransportExceptionKind implements Word {
  /// No connection: the device is offline, the name is unknown, or the port is refused. Tried again.
  connect('connect'),

  /// The connection broke before the response was complete. Tried again.
  io('io'),

  /// The server's certificate was not accepted.
  tls('tls'),

  /// The response was too large or was not HTTP.
  badResponse('bad_response'),

  /// Anything else.
  other('other');

  const TransportExceptionKind(this.word);

  @override
  final String word;
}

/// Requests over `dart:io`'s `HttpClient`, which uses the proxy of the environment, and BoringSSL with the system's roots.
final class DartIoTransport implements HttpTransport {
  /// Over [client], for example one with a `SecurityContext` of the app's own, or over a new one.
  DartIoTransport([HttpClient? client]) : _client = client ?? (HttpClient()..userAgent = null);

  /// The largest body that is read.
  static const _largest = 1 << 20;

  final HttpClient _client;

  /// Closes the client, and its connections at once. One that is open keeps the isolate alive for some seconds. `CognitoAuth.close` does
  /// it for the transport that it has made, and for no other.
  void close() => _client.close(force: true);

  @override
  Future<HttpResponse> send(HttpRequest request) async {
    HttpClientRequest? sent;
    var isOver = false;
    unawaited(request.closed.then((_) {
      isOver = true;
      sent?.abort();
    }));
    try {
      sent = await _client.openUrl(request.method, request.url);
      // It was closed while the connection was opened.
      if (isOver) sent.abort();
      return await _exchange(sent, request);
    } on HandshakeException catch (failure) {
      throw TransportException(_ofHandshake(failure), 'the TLS handshake failed');
    } on TlsException {
      throw const TransportException(TransportExceptionKind.tls, 'TLS failed');
    } on SocketException {
      final kind = sent == null ? TransportExceptionKind.connect : TransportExceptionKind.io;
      throw TransportException(kind, 'the connection failed');
    } on HttpException catch (failure) {
      if (_notHttp.hasMatch(failure.message)) {
        throw const TransportException(TransportExceptionKind.badResponse, 'the response is not HTTP');
      }
      throw const TransportException(TransportExceptionKind.io, 'the connection ended before the response');
    }
  }

  /// How the texts of dart:io's parser begin. Its exception for a connection that broke is the same one.
  static final _notHttp = RegExp('^(Failed to parse HTTP|Invalid )');

  Future<HttpResponse> _exchange(HttpClientRequest sent, HttpRequest request) async {
    final body = utf8.encode(request.body);
    sent
      ..followRedirects = false
      ..contentLength = body.length;
    // A compressed body could grow without limit.
    sent.headers.removeAll(HttpHeaders.acceptEncodingHeader);
    for (final header in request.headers) {
      sent.headers.set(header.name, header.value);
    }
    sent.add(body);
    final response = await sent.close();
    final received = BytesBuilder(copy: false);
    await for (final part in response) {
      received.add(part);
      if (received.length > _largest) {
        throw const TransportException(TransportExceptionKind.badResponse, 'the response is too large');
      }
    }
    final headers = <HttpHeader>[];
    response.headers.forEach((name, values) => headers.addAll([for (final value in values) HttpHeader(name, value)]));
    final text = utf8.decode(received.takeBytes(), allowMalformed: true);
    return HttpResponse(response.statusCode, headers: headers, body: text);
  }

  /// A connection that broke during the handshake does not show that the certificate is wrong.
  static TransportExceptionKind _ofHandshake(HandshakeException failure) {
    final says = '${failure.message} ${failure.osError?.message}';
    return says.contains('CERTIFICATE') ? TransportExceptionKind.tls : TransportExceptionKind.io;
  }
}

/// The default transport, which has at most [connectTimeout] to open a connection.
DartIoTransport ownTransport(Duration? connectTimeout) =>
    DartIoTransport().._client.connectionTimeout = connectTimeout ?? const Duration(seconds: 3);

/// [transport] as the library asks it.
Port httpPort(HttpTransport transport) => (question) async {
      try {
        final response = await transport.send(HttpRequest._(question.asked, question.closed));
        return {
          'ok': {
            'status': response.status,
            'headers': [
              for (final header in response.headers) [header.name, header.value]
            ],
            'body': response.body,
          },
        };
      } on TransportException catch (exception) {
        return failure(exception.kind, exception.detail);
      } catch (thrown) {
        // Its own text may contain parts of the request.
        return failure(TransportExceptionKind.other, "the app's transport threw ${thrown.runtimeType}");
      }
    };

