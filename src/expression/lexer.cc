#include "expression/lexer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/json.h"
#include "base/status_macros.h"

namespace enrich::expression {
namespace {

struct Symbol {
  absl::string_view text;
  TokenType type;
};

// A symbol that starts like another stands before it.
constexpr Symbol kSymbols[] = {
    {"[]", TokenType::kFlatten},
    {"[?", TokenType::kFilter},
    {"[", TokenType::kLeftBracket},
    {"]", TokenType::kRightBracket},
    {"{", TokenType::kLeftBrace},
    {"}", TokenType::kRightBrace},
    {"(", TokenType::kLeftParenthesis},
    {")", TokenType::kRightParenthesis},
    {".", TokenType::kDot},
    {"*", TokenType::kStar},
    {"@", TokenType::kCurrent},
    {"$", TokenType::kRoot},
    {",", TokenType::kComma},
    {":", TokenType::kColon},
    {"||", TokenType::kOr},
    {"|", TokenType::kPipe},
    {"&&", TokenType::kAnd},
    {"&", TokenType::kReference},
    {"==", TokenType::kEqual},
    {"!=", TokenType::kNotEqual},
    {"!", TokenType::kNot},
    {"<=", TokenType::kLessOrEqual},
    {"<", TokenType::kLess},
    {">=", TokenType::kGreaterOrEqual},
    {">", TokenType::kGreater},
};

bool StartsIdentifier(char c) { return absl::ascii_isalpha(c) || c == '_'; }
bool ContinuesIdentifier(char c) { return absl::ascii_isalnum(c) || c == '_'; }

class Lexer {
 public:
  explicit Lexer(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() {
    std::vector<Token> tokens;
    while (SkipSpace()) {
      ASSIGN_OR_RETURN(Token token, Next());
      tokens.push_back(std::move(token));
    }
    tokens.push_back({.type = TokenType::kEnd, .offset = text_.size()});
    return tokens;
  }

 private:
  // Whether there is more.
  bool SkipSpace() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
    return at_ < text_.size();
  }

  absl::StatusOr<Token> Next() {
    const char c = text_[at_];
    if (StartsIdentifier(c)) return Word(TokenType::kIdentifier);
    if (absl::ascii_isdigit(c)) return Word(TokenType::kNumber);
    switch (c) {
      case '-':
        return Word(TokenType::kNumber);
      case '"':
        return Quoted();
      case '\'':
        return Raw();
      case '`':
        return Literal();
      default:
        return SymbolToken();
    }
  }

  absl::StatusOr<Token> Word(TokenType type) {
    const size_t start = at_++;
    const auto more = [type](char c) {
      return type == TokenType::kNumber ? absl::ascii_isdigit(c)
                                        : ContinuesIdentifier(c);
    };
    while (at_ < text_.size() && more(text_[at_])) ++at_;
    const absl::string_view word = text_.substr(start, at_ - start);
    if (word == "-") return ErrorAt(text_, start, "'-' without a number");
    return Token{.type = type, .offset = start, .text = std::string(word)};
  }

  // What stands up to the same quote again, with escapes as they are; a
  // backslash protects what follows it.
  absl::StatusOr<absl::string_view> Enclosed() {
    const size_t start = at_;
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= text_.size()) {
      return ErrorAt(text_, start,
                     absl::StrCat("no closing ", text_.substr(start, 1)));
    }
    ++at_;
    return text_.substr(start + 1, at_ - start - 2);
  }

  absl::StatusOr<Token> Quoted() {
    const size_t start = at_;
    RETURN_IF_ERROR(Enclosed().status());
    const absl::StatusOr<json::Document> name =
        json::Document::Parse(text_.substr(start, at_ - start));
    if (!name.ok()) {
      return ErrorAt(text_, start, "not a quoted name as JSON has strings");
    }
    return Token{.type = TokenType::kQuotedIdentifier,
                 .offset = start,
                 .text = std::string(name->root().AsString())};
  }

  absl::StatusOr<Token> Raw() {
    const size_t start = at_;
    ASSIGN_OR_RETURN(const absl::string_view content, Enclosed());
    return Token{.type = TokenType::kRawString,
                 .offset = start,
                 .text = absl::StrReplaceAll(content, {{"\\'", "'"}})};
  }

  absl::StatusOr<Token> Literal() {
    const size_t start = at_;
    ASSIGN_OR_RETURN(const absl::string_view content, Enclosed());
    return Token{.type = TokenType::kLiteral,
                 .offset = start,
                 .text = absl::StrReplaceAll(content, {{"\\`", "`"}})};
  }

  absl::StatusOr<Token> SymbolToken() {
    const absl::string_view rest = text_.substr(at_);
    const auto* const symbol = std::find_if(
        std::begin(kSymbols), std::end(kSymbols), [rest](const Symbol& s) {
          return rest.substr(0, s.text.size()) == s.text;
        });
    if (symbol == std::end(kSymbols)) {
      return ErrorAt(text_, at_, "not a character of an expression");
    }
    const size_t start = std::exchange(at_, at_ + symbol->text.size());
    return Token{.type = symbol->type,
                 .offset = start,
                 .text = std::string(symbol->text)};
  }

  const absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::Status ErrorAt(absl::string_view text, size_t offset,
                     absl::string_view what) {
  const absl::string_view before = text.substr(0, offset);
  const auto characters = std::count_if(
      before.begin(), before.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return absl::InvalidArgumentError(
      absl::StrCat("column ", characters + 1, ": ", what));
}

absl::StatusOr<std::vector<Token>> Tokenize(absl::string_view text) {
  return Lexer(text).Run();
}

}  // namespace enrich::expression
