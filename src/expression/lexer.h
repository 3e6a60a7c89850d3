#ifndef ENRICH_EXPRESSION_LEXER_H_
#define ENRICH_EXPRESSION_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace enrich::expression {

enum class TokenType : uint8_t {
  kEnd,
  kIdentifier,
  kQuotedIdentifier,
  // JSON between backticks.
  kLiteral,
  kRawString,
  kNumber,
  kDot,
  kStar,
  kCurrent,
  kRoot,
  kReference,
  // "[]" and "[?", each in one piece.
  kFlatten,
  kFilter,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kLeftParenthesis,
  kRightParenthesis,
  kComma,
  kColon,
  kPipe,
  kOr,
  kAnd,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
};

struct Token {
  TokenType type = TokenType::kEnd;
  // Where it begins, in bytes.
  size_t offset = 0;
  // What it says: a name or string unescaped, the JSON of a literal; else as it
  // is written.
  std::string text = {};
};

// INVALID_ARGUMENT with the column of `offset`, counted in characters from 1.
absl::Status ErrorAt(absl::string_view text, size_t offset,
                     absl::string_view what);

// The tokens of `text`, which must be UTF-8; the last one is kEnd.
absl::StatusOr<std::vector<Token>> Tokenize(absl::string_view text);

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_LEXER_H_
