#include "expression/parser.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/text.h"
#include "expression/functions.h"
#include "expression/token_reader.h"

namespace enrich::expression {
namespace {

std::string Arity(const Function& function) {
  return absl::StrCat(function.max == Function::kAny ? "at least " : "",
                      function.min,
                      function.min == 1 ? " argument" : " arguments");
}

Comparison ComparisonOf(TokenType type) {
  switch (type) {
    case TokenType::kEqual:
      return Comparison::kEqual;
    case TokenType::kNotEqual:
      return Comparison::kNotEqual;
    case TokenType::kLess:
      return Comparison::kLess;
    case TokenType::kLessOrEqual:
      return Comparison::kLessOrEqual;
    case TokenType::kGreater:
      return Comparison::kGreater;
    default:
      return Comparison::kGreaterOrEqual;
  }
}

bool IsName(TokenType type) {
  return type == TokenType::kIdentifier || type == TokenType::kQuotedIdentifier;
}

// An operator precedence parser: `Expression(power)` takes an operand and then
// every operator that binds more strongly than `power`.
class Parser : private TokenReader {
 public:
  using Result = absl::StatusOr<NodePtr>;

  Parser(absl::string_view text, std::vector<Token> tokens,
         const Tables& tables)
      : TokenReader(text, std::move(tokens)), tables_(tables) {}

  Result Run() {
    ASSIGN_OR_RETURN(NodePtr node, Expression(kNone));
    if (!At(TokenType::kEnd)) return Unexpected();
    return node;
  }

 private:
  Result Checked(NodePtr node) const {
    if (node->depth() > kMaxDepth) return TooDeep();
    return node;
  }
  absl::Status TooDeep() const {
    return Error(Peek(),
                 absl::StrCat("over ", kMaxDepth, " parts inside each other"));
  }

  Result Expression(int power) {
    if (++nesting_ > kMaxDepth) return TooDeep();
    ASSIGN_OR_RETURN(NodePtr node, Operand());
    ASSIGN_OR_RETURN(node, Checked(std::move(node)));
    while (PowerOf(Peek().type) > power) {
      ASSIGN_OR_RETURN(node, Operator(std::move(node)));
      ASSIGN_OR_RETURN(node, Checked(std::move(node)));
    }
    --nesting_;
    return node;
  }

  // What can begin an expression.
  Result Operand() {
    const Token& token = Peek();
    switch (token.type) {
      case TokenType::kIdentifier:
        if (Peek(1).type == TokenType::kLeftParenthesis) return Call();
        return Part(nullptr, Take().text);
      case TokenType::kQuotedIdentifier:
        return Part(nullptr, Take().text);
      case TokenType::kCurrent:
        Take();
        return MakePath(nullptr);
      case TokenType::kRoot:
        Take();
        return MakeRootPath();
      case TokenType::kLiteral:
        return Literal();
      case TokenType::kRawString:
        return MakeString(Take().text);
      case TokenType::kStar:
        return Star(nullptr);
      case TokenType::kFlatten:
        return Flattened(nullptr);
      case TokenType::kFilter:
        return Filtered(nullptr);
      case TokenType::kLeftBracket:
        return StartsBracket() ? Bracket(nullptr) : MultiList();
      case TokenType::kLeftBrace:
        return MultiHash();
      case TokenType::kNot:
        Take();
        return Negated();
      case TokenType::kLeftParenthesis:
        return Parenthesized();
      case TokenType::kReference:
        return Error(token,
                     "'&' only stands before an argument of a function that "
                     "takes an expression");
      default:
        return Unexpected();
    }
  }

  // What goes on after `left`.
  Result Operator(NodePtr left) {
    switch (Peek().type) {
      case TokenType::kDot:
        return Dotted(std::move(left));
      case TokenType::kLeftBracket:
        return StartsBracket() ? Bracket(std::move(left)) : Unexpected();
      case TokenType::kFlatten:
        return Flattened(std::move(left));
      case TokenType::kFilter:
        return Filtered(std::move(left));
      default:
        return Infix(std::move(left));
    }
  }

  Result Infix(NodePtr left) {
    const TokenType type = Take().type;
    ASSIGN_OR_RETURN(NodePtr right, Expression(PowerOf(type)));
    switch (type) {
      case TokenType::kPipe:
        return MakePipe(std::move(left), std::move(right));
      case TokenType::kOr:
        return MakeOr(std::move(left), std::move(right));
      case TokenType::kAnd:
        return MakeAnd(std::move(left), std::move(right));
      default:
        return MakeComparison(ComparisonOf(type), std::move(left),
                              std::move(right));
    }
  }

  // Takes what belongs to the operand with it, so that `!a.b` is what it looks
  // like.
  Result Negated() {
    ASSIGN_OR_RETURN(NodePtr operand, Expression(kComparisonPower));
    return MakeNot(std::move(operand));
  }

  Result Parenthesized() {
    Take();
    ASSIGN_OR_RETURN(NodePtr node, Expression(kNone));
    RETURN_IF_ERROR(Expect(TokenType::kRightParenthesis, "')'"));
    return node;
  }

  Result Literal() {
    const Token& token = Take();
    absl::StatusOr<json::Document> document = json::Document::Parse(token.text);
    if (!document.ok()) {
      return Error(
          token, absl::StrCat("the literal is ", document.status().message()));
    }
    return MakeLiteral(*std::move(document));
  }

  // A part of `left`.
  Result Part(NodePtr left, PathPart part) {
    if (left == nullptr || !left->Extend(part)) {
      left = MakePath(std::move(left));
      left->Extend(part);
    }
    return left;
  }

  Result Dotted(NodePtr left) {
    Take();
    if (At(TokenType::kStar)) return Star(std::move(left));
    const bool call = Peek(1).type == TokenType::kLeftParenthesis;
    if (IsName(Peek().type) && !call) {
      return Part(std::move(left), Take().text);
    }
    ASSIGN_OR_RETURN(NodePtr right, AfterDot(kDotPower));
    return MakePipe(std::move(left), std::move(right));
  }

  Result AfterDot(int power) {
    switch (Peek().type) {
      case TokenType::kIdentifier:
      case TokenType::kQuotedIdentifier:
      case TokenType::kStar:
        return Expression(power);
      case TokenType::kLeftBracket:
        return MultiList();
      case TokenType::kLeftBrace:
        return MultiHash();
      default:
        return Unexpected();
    }
  }

  // What is done with each part of a projection; null for nothing.
  Result Projected(int power) {
    const TokenType type = Peek().type;
    if (PowerOf(type) < kProjectionEnds) return nullptr;
    if (type != TokenType::kDot) return Expression(power);
    Take();
    if (++nesting_ > kMaxDepth) return TooDeep();
    ASSIGN_OR_RETURN(NodePtr node, AfterDot(power));
    --nesting_;
    return node;
  }

  Result Star(NodePtr left) {
    Take();
    ASSIGN_OR_RETURN(NodePtr right, Projected(kStarPower));
    return MakeObjectProjection(std::move(left), std::move(right));
  }

  Result Flattened(NodePtr left) {
    Take();
    ASSIGN_OR_RETURN(NodePtr right, Projected(kFlattenPower));
    return MakeFlatten(std::move(left), std::move(right));
  }

  Result Filtered(NodePtr left) {
    Take();
    ASSIGN_OR_RETURN(NodePtr condition, Expression(kNone));
    RETURN_IF_ERROR(Expect(TokenType::kRightBracket, "']'"));
    ASSIGN_OR_RETURN(NodePtr right, Projected(kFilterPower));
    return MakeFilter(std::move(left), std::move(condition), std::move(right));
  }

  // Whether this is an index, a slice or "[*]".
  bool StartsBracket() const {
    const TokenType type = Peek(1).type;
    return type == TokenType::kNumber || type == TokenType::kColon ||
           (type == TokenType::kStar &&
            Peek(2).type == TokenType::kRightBracket);
  }

  Result Bracket(NodePtr left) {
    Take();
    if (TakeIf(TokenType::kStar)) {
      Take();
      ASSIGN_OR_RETURN(NodePtr right, Projected(kStarPower));
      return MakeListProjection(std::move(left), std::move(right));
    }
    if (Peek(1).type == TokenType::kRightBracket && At(TokenType::kNumber)) {
      ASSIGN_OR_RETURN(const int64_t index, Number());
      Take();
      return Part(std::move(left), index);
    }
    ASSIGN_OR_RETURN(const Slice slice, SliceBounds());
    RETURN_IF_ERROR(Expect(TokenType::kRightBracket, "']'"));
    ASSIGN_OR_RETURN(NodePtr right, Projected(kStarPower));
    return MakeSlice(std::move(left), slice, std::move(right));
  }

  absl::StatusOr<int64_t> Number() {
    const Token& token = Take();
    int64_t number = 0;
    if (!absl::SimpleAtoi(token.text, &number)) {
      return Error(token, "this number is too large");
    }
    return number;
  }

  absl::StatusOr<Slice> SliceBounds() {
    Slice slice;
    if (At(TokenType::kNumber)) {
      ASSIGN_OR_RETURN(slice.start, Number());
    }
    RETURN_IF_ERROR(Expect(TokenType::kColon, "']' or ':'"));
    if (At(TokenType::kNumber)) {
      ASSIGN_OR_RETURN(slice.stop, Number());
    }
    if (TakeIf(TokenType::kColon) && At(TokenType::kNumber)) {
      const Token& token = Peek();
      ASSIGN_OR_RETURN(slice.step, Number());
      if (slice.step == 0) return Error(token, "a slice cannot step by 0");
    }
    return slice;
  }

  Result MultiList() {
    Take();
    std::vector<NodePtr> elements;
    do {
      ASSIGN_OR_RETURN(NodePtr element, Expression(kNone));
      elements.push_back(std::move(element));
    } while (TakeIf(TokenType::kComma));
    RETURN_IF_ERROR(Expect(TokenType::kRightBracket, "',' or ']'"));
    return MakeList(std::move(elements));
  }

  Result MultiHash() {
    Take();
    std::vector<std::pair<std::string, NodePtr>> members;
    do {
      const Token& key = Peek();
      if (!IsName(key.type)) return Error(key, "expected a key");
      for (const auto& member : members) {
        if (member.first == key.text) return Error(key, "the key is repeated");
      }
      Take();
      RETURN_IF_ERROR(Expect(TokenType::kColon, "':'"));
      ASSIGN_OR_RETURN(NodePtr value, Expression(kNone));
      members.emplace_back(key.text, std::move(value));
    } while (TakeIf(TokenType::kComma));
    RETURN_IF_ERROR(Expect(TokenType::kRightBrace, "',' or '}'"));
    return MakeHash(std::move(members));
  }

  Result Call() {
    const Token& name = Take();
    Take();
    if (name.text == "lookup") return Lookup();
    const Function* const function = FindFunction(name.text);
    if (function == nullptr) {
      return Error(name, absl::StrCat("no function is called ", name.text));
    }
    std::vector<NodePtr> arguments;
    NodePtr reference;
    int count = 0;
    while (!At(TokenType::kRightParenthesis)) {
      if (count > 0) RETURN_IF_ERROR(Expect(TokenType::kComma, "',' or ')'"));
      RETURN_IF_ERROR(Argument(*function, count, arguments, reference));
      ++count;
    }
    Take();
    if (count < function->min || count > function->max) {
      return Error(name, absl::StrCat(name.text, " takes ", Arity(*function),
                                      ", not ", count));
    }
    return MakeCall(*function, std::move(arguments), std::move(reference));
  }

  absl::Status Argument(const Function& function, int position,
                        std::vector<NodePtr>& arguments, NodePtr& reference) {
    const Token& token = Peek();
    const bool takes_reference = function.reference == position;
    if (At(TokenType::kReference) != takes_reference) {
      return Error(token, takes_reference
                              ? "this argument must be an expression: put '&' "
                                "before it"
                              : "this argument is a value: no '&' before it");
    }
    if (takes_reference) Take();
    ASSIGN_OR_RETURN(NodePtr node, Expression(kNone));
    if (takes_reference) {
      reference = std::move(node);
    } else {
      arguments.push_back(std::move(node));
    }
    return absl::OkStatus();
  }

  Result Lookup() {
    const Token& name = Peek();
    if (!TakeIf(TokenType::kRawString)) {
      return Error(name, "expected the name of a table in single quotes");
    }
    const auto table = tables_.find(name.text);
    if (table == tables_.end()) {
      return Error(name, absl::StrCat("no table is called ", name.text));
    }
    RETURN_IF_ERROR(Expect(TokenType::kComma, "',' and the word to look up"));
    ASSIGN_OR_RETURN(NodePtr word, Expression(kNone));
    RETURN_IF_ERROR(Expect(TokenType::kRightParenthesis, "')'"));
    return MakeLookup(table->second, std::move(word));
  }

  const Tables& tables_;
  int nesting_ = 0;
};

}  // namespace

absl::StatusOr<NodePtr> Parse(absl::string_view text, const Tables& tables) {
  if (text.size() > kMaxText) {
    return ErrorAt(text, 0, absl::StrCat("over ", kMaxText, " bytes"));
  }
  if (const size_t valid = ValidUtf8Prefix(text); valid < text.size()) {
    return ErrorAt(text, valid, "no UTF-8");
  }
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text));
  return Parser(text, std::move(tokens), tables).Run();
}

}  // namespace enrich::expression
