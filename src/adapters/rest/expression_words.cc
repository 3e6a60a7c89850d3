#include "adapters/rest/expression_words.h"

#include "absl/types/span.h"
#include "base/json.h"
#include "expression/lexer.h"

namespace enrich::rest {
namespace {

using expression::Token;
using expression::TokenType;
using Tokens = absl::Span<const Token>;

// Expressions nest less in practice; what is deeper is not looked into.
constexpr int kMaxDepth = 16;

std::vector<Token> TokensOf(const expression::Expression& expression) {
  auto tokens = expression::Tokenize(expression.text());
  if (!tokens.ok()) return {};
  // Without kEnd.
  tokens->pop_back();
  return *std::move(tokens);
}

bool Opens(TokenType type) {
  return type == TokenType::kLeftBracket || type == TokenType::kFilter ||
         type == TokenType::kLeftBrace || type == TokenType::kLeftParenthesis;
}

bool Closes(TokenType type) {
  return type == TokenType::kRightBracket || type == TokenType::kRightBrace ||
         type == TokenType::kRightParenthesis;
}

// The index of the first token outside of brackets that `wanted` holds for, or
// of the bracket that closes what `tokens` begin in; else their number.
template <typename F>
size_t FindOutside(Tokens tokens, F wanted) {
  int depth = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const TokenType type = tokens[i].type;
    if (depth == 0 && (wanted(type) || Closes(type))) return i;
    if (Opens(type)) ++depth;
    if (Closes(type)) --depth;
  }
  return tokens.size();
}

std::vector<Tokens> Split(Tokens tokens, TokenType separator) {
  std::vector<Tokens> parts;
  while (true) {
    const size_t end =
        FindOutside(tokens, [&](TokenType type) { return type == separator; });
    parts.push_back(tokens.subspan(0, end));
    if (end >= tokens.size()) return parts;
    tokens.remove_prefix(end + 1);
  }
}

// Whether the bracket that `tokens[begin]` opens is closed by the last one.
bool IsEnclosed(Tokens tokens, size_t begin) {
  if (tokens.size() < begin + 2 ||
      tokens[begin].type != TokenType::kLeftParenthesis) {
    return false;
  }
  const size_t end =
      FindOutside(tokens.subspan(begin + 1), [](TokenType) { return false; });
  return begin + 1 + end == tokens.size() - 1;
}

class WordCollector {
 public:
  explicit WordCollector(const expression::Tables& tables) : tables_(tables) {}

  void Collect(Tokens tokens, int depth = 0) {
    if (depth > kMaxDepth) return;
    if (IsEnclosed(tokens, 0)) {
      return Collect(tokens.subspan(1, tokens.size() - 2), depth + 1);
    }
    tokens = Split(tokens, TokenType::kPipe).back();
    for (const Tokens alternative : Split(tokens, TokenType::kOr)) {
      const Tokens last = Split(alternative, TokenType::kAnd).back();
      if (IsEnclosed(last, 0)) {
        Collect(last, depth + 1);
      } else {
        CollectSimple(last);
      }
    }
  }

  std::vector<PossibleWord> Take() { return std::move(words_); }

 private:
  void CollectSimple(Tokens tokens) {
    if (tokens.size() == 1 && tokens[0].type == TokenType::kRawString) {
      words_.push_back({.word = tokens[0].text});
    } else if (tokens.size() == 1 && tokens[0].type == TokenType::kLiteral) {
      const auto json = json::Document::Parse(tokens[0].text);
      if (json.ok() && json->root().is_string()) {
        words_.push_back({.word = std::string(json->root().AsString())});
      }
    } else if (tokens.size() > 3 && tokens[0].text == "lookup" &&
               tokens[2].type == TokenType::kRawString &&
               IsEnclosed(tokens, 1)) {
      CollectTable(tokens[2].text);
    }
  }

  void CollectTable(const std::string& name) {
    const auto table = tables_.find(name);
    if (table == tables_.end()) return;
    for (const auto& [from, to] : table->second) {
      words_.push_back({.word = to, .table = name});
    }
  }

  const expression::Tables& tables_;
  std::vector<PossibleWord> words_;
};

bool IsName(const Token& token, absl::string_view name) {
  return (token.type == TokenType::kIdentifier ||
          token.type == TokenType::kQuotedIdentifier) &&
         token.text == name;
}

}  // namespace

bool Mentions(const expression::Expression& expression,
              absl::string_view name) {
  const std::vector<Token> tokens = TokensOf(expression);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool is_key =
        i + 1 < tokens.size() && tokens[i + 1].type == TokenType::kColon;
    if (!is_key && IsName(tokens[i], name)) return true;
  }
  return false;
}

std::vector<PossibleWord> PossibleWords(
    const expression::Expression& expression,
    const expression::Tables& tables) {
  const std::vector<Token> tokens = TokensOf(expression);
  WordCollector collector(tables);
  collector.Collect(tokens);
  return collector.Take();
}

std::vector<PossibleWord> PossibleWordsOf(
    const expression::Expression& expression, absl::string_view key,
    const expression::Tables& tables) {
  const std::vector<Token> tokens = TokensOf(expression);
  WordCollector collector(tables);
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!IsName(tokens[i], key) || tokens[i + 1].type != TokenType::kColon) {
      continue;
    }
    const Tokens rest = Tokens(tokens).subspan(i + 2);
    const size_t end = FindOutside(
        rest, [](TokenType type) { return type == TokenType::kComma; });
    collector.Collect(rest.subspan(0, end));
  }
  return collector.Take();
}

}  // namespace enrich::rest
