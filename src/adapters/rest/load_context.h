#ifndef ENRICH_ADAPTERS_REST_LOAD_CONTEXT_H_
#define ENRICH_ADAPTERS_REST_LOAD_CONTEXT_H_

#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapters/rest/load.h"
#include "adapters/rest/yaml_node.h"
#include "base/secret.h"
#include "expression/expression.h"
#include "model/credits.h"
#include "provider/account_config.h"

namespace enrich::rest {

using Keys = std::initializer_list<absl::string_view>;

// What every part of the loader works with: the account, the tables, and where
// mistakes go. A reader that reports something returns the empty answer, and
// the loader goes on, so that everything wrong is found at once. The node it
// was read from may be null where a reader says so.
class LoadContext {
 public:
  explicit LoadContext(const AccountConfig& account) : account_(account) {}

  const AccountConfig& account() const { return account_; }
  const expression::Tables& tables() const { return tables_; }
  void set_tables(expression::Tables tables) { tables_ = std::move(tables); }

  // ---- Mistakes -------------------------------------------------------------

  void Report(const YamlNode& node, std::string text);
  // About `key`, which `node` lacks or has wrongly.
  void ReportKey(const YamlNode& node, absl::string_view key, std::string text);
  // About the account.
  void ReportAccount(std::string path, std::string text);
  void Add(Mistake mistake);
  bool clean() const { return mistakes_.empty(); }
  // How many there are: whether reading a part has reported something.
  size_t count() const { return mistakes_.size(); }
  // By line, each once.
  std::vector<Mistake> TakeMistakes();

  // ---- Values ---------------------------------------------------------------

  // Whether `node` is a mapping; reports keys that are not among `keys`.
  bool CheckMap(const YamlNode& node, Keys keys);
  // The value of `key`; reported when it is missing or empty.
  const YamlNode* Require(const YamlNode& node, absl::string_view key);

  // A text that is no expression, not empty.
  std::optional<std::string> Text(const YamlNode& node);
  // True or false; false for null.
  bool Flag(const YamlNode* node);
  std::optional<int> Number(const YamlNode& node, int low, int high);
  std::optional<absl::Duration> Duration(const YamlNode& node,
                                         absl::Duration least,
                                         absl::Duration most);
  std::optional<Credits> Price(const YamlNode& node);
  // A list of texts, or one text.
  std::vector<const YamlNode*> Texts(const YamlNode& node);

  // ---- Expressions ----------------------------------------------------------

  static bool IsExpression(const YamlNode& node);
  std::optional<Expression> ReadExpression(const YamlNode& node);
  // Empty for null.
  std::optional<Expression> ReadExpression(const YamlNode* node);

  // ---- Secrets --------------------------------------------------------------

  // Secrets the file names.
  void NameSecret(const YamlNode& node, const std::string& name);
  // The value of a secret, which counts as used; null, and reported, when the
  // file does not name it. Empty when the account lacks it.
  const Secret* FindSecret(const YamlNode& node, const std::string& name);
  // Reports what the account lacks, has too much, or the file does not use.
  void CheckSecrets();

 private:
  struct NamedSecret {
    const YamlNode* node = nullptr;
    Secret value = Secret();
    bool used = false;
  };

  const AccountConfig& account_;
  expression::Tables tables_;
  std::map<std::string, NamedSecret> secrets_;
  std::vector<Mistake> mistakes_;
  std::set<std::tuple<int, std::string, std::string>> seen_;
};

// "a, b and c".
std::string JoinWords(const std::vector<std::string>& words,
                      absl::string_view last_joint);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_CONTEXT_H_
