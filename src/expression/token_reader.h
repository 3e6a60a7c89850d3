#ifndef ENRICH_EXPRESSION_TOKEN_READER_H_
#define ENRICH_EXPRESSION_TOKEN_READER_H_

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "expression/lexer.h"

namespace enrich::expression {

// How strongly a token binds what stands before it.
enum Power : int {
  kNone = 0,
  kPipePower = 1,
  kOrPower = 2,
  kAndPower = 3,
  kComparisonPower = 5,
  kFlattenPower = 9,
  // What binds less than this ends a projection.
  kProjectionEnds = 10,
  kStarPower = 20,
  kFilterPower = 21,
  kDotPower = 40,
  kBracketPower = 55,
};

// 0 for what is no operator.
Power PowerOf(TokenType type);

// Walks the tokens of a text, the last of which, kEnd, it never leaves.
class TokenReader {
 protected:
  TokenReader(absl::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool At(TokenType type) const { return Peek().type == type; }
  const Token& Take() {
    const Token& token = Peek();
    ++at_;
    return token;
  }
  bool TakeIf(TokenType type) {
    if (!At(type)) return false;
    ++at_;
    return true;
  }

  absl::Status Error(const Token& token, absl::string_view what) const {
    return ErrorAt(text_, token.offset, what);
  }
  absl::Status Unexpected() const {
    if (At(TokenType::kEnd)) return Error(Peek(), "the expression ends early");
    return Error(Peek(), "this cannot stand here");
  }
  absl::Status Expect(TokenType type, absl::string_view what) {
    if (TakeIf(type)) return absl::OkStatus();
    return Error(Peek(), absl::StrCat("expected ", what));
  }

 private:
  const absl::string_view text_;
  const std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_TOKEN_READER_H_
