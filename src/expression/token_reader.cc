#include "expression/token_reader.h"

namespace enrich::expression {

Power PowerOf(TokenType type) {
  switch (type) {
    case TokenType::kPipe:
      return kPipePower;
    case TokenType::kOr:
      return kOrPower;
    case TokenType::kAnd:
      return kAndPower;
    case TokenType::kEqual:
    case TokenType::kNotEqual:
    case TokenType::kLess:
    case TokenType::kLessOrEqual:
    case TokenType::kGreater:
    case TokenType::kGreaterOrEqual:
      return kComparisonPower;
    case TokenType::kFlatten:
      return kFlattenPower;
    case TokenType::kFilter:
      return kFilterPower;
    case TokenType::kDot:
      return kDotPower;
    case TokenType::kLeftBracket:
      return kBracketPower;
    default:
      return kNone;
  }
}

}  // namespace enrich::expression
