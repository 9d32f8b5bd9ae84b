import XCTest
@testable import CognitoSignOut
final class T: XCTestCase { func testIt() { XCTAssertEqual(Secret("a").reveal(), "a") } }
