// Runs the cases of a file of JMESPath's compliance suite and prints what comes
// of each, in their order, as a JSON array of {"result": ...} and
// {"refused": "why"}. suite.py judges.

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "expression/expression.h"

namespace enrich::expression {
namespace {

void RunCase(absl::string_view text, json::Value given, json::Writer& out) {
  const absl::StatusOr<Expression> expression = Expression::Compile(text, {});
  out.StartObject();
  if (expression.ok()) {
    Arena arena;
    const Value document(given);
    out.Key("result");
    expression->Evaluate(document, document, arena).WriteTo(out);
  } else {
    out.Member("refused", std::string(expression.status().message()));
  }
  out.EndObject();
}

int Run(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const absl::StatusOr<json::Document> suite =
      json::Document::Parse(text.str());
  if (!suite.ok()) {
    std::cerr << path << ": " << suite.status() << "\n";
    return 1;
  }
  json::Writer out;
  out.StartArray();
  for (const json::Value group : suite->root()) {
    for (const json::Value one : group["cases"]) {
      RunCase(one["expression"].AsString(), group["given"], out);
    }
  }
  out.EndArray();
  std::cout << out.Take() << "\n";
  return 0;
}

}  // namespace
}  // namespace enrich::expression

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: jmespath_driver FILE\n";
    return 2;
  }
  return enrich::expression::Run(argv[1]);
}
