import Foundation

/// A JSON value, in the scenarios and in the server's answers.
enum JSON: Codable, Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSON].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case let .bool(bool): try value.encode(bool)
        case let .number(number): try number == number.rounded() ? value.encode(Int(number)) : value.encode(number)
        case let .string(string): try value.encode(string)
        case let .array(array): try value.encode(array)
        case let .object(object): try value.encode(object)
        }
    }

    subscript(key: String) -> JSON? {
        if case let .object(object) = self, let value = object[key], value != .null { value } else { nil }
    }

    var string: String? {
        if case let .string(string) = self { string } else { nil }
    }

    var number: Double? {
        if case let .number(number) = self { number } else { nil }
    }

    var isTrue: Bool { self == .bool(true) }

    var strings: [String]? {
        if case let .array(array) = self { array.compactMap(\.string) } else { nil }
    }

    var list: [JSON]? {
        if case let .array(array) = self { array } else { nil }
    }

    var object: [String: JSON] {
        if case let .object(object) = self { object } else { [:] }
    }

    /// Milliseconds, as seconds.
    var seconds: Double? { number.map { $0 / 1000 } }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByDictionaryLiteral {
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .number(Double(value)) }
    init(dictionaryLiteral elements: (String, JSON)...) { self = .object(.init(uniqueKeysWithValues: elements)) }
}
