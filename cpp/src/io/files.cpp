// Whole files in and out of memory.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "io/model_file.h"

namespace convcore {

namespace {

[[noreturn]] void fail_with_errno(const std::string& path, const char* expected) {
  fail(path, expected, std::strerror(errno));
}

class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0) : handle_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (handle_ >= 0) ::close(handle_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  explicit operator bool() const { return handle_ >= 0; }
  int handle() const { return handle_; }

 private:
  int handle_;
};

bool write_all(int handle, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(handle, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

// Beside the file, so that renaming stays inside one file system; of this call's own, since several threads may save.
std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> calls{0};
  const std::size_t slash = path.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  return cat(path.substr(0, name), '.', path.substr(name), '.', ::getpid(), '.', calls.fetch_add(1), ".part");
}

void sync_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const File folder(slash == std::string::npos ? "." : path.substr(0, slash + 1), O_RDONLY | O_DIRECTORY);
  if (folder) ::fsync(folder.handle());
}

}  // namespace

void write_file(const std::string& path, std::span<const std::byte> bytes) {
  const std::string temporary = temporary_name(path);
  struct stat old{};
  const mode_t mode = ::stat(path.c_str(), &old) == 0 ? old.st_mode & 0777 : 0666;
  {
    const File file(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!file) fail_with_errno(temporary, "to create a file");
    if (!write_all(file.handle(), bytes) || ::fsync(file.handle()) != 0) {
      const int reason = errno;
      ::unlink(temporary.c_str());
      errno = reason;
      fail_with_errno(temporary, cat("to write ", bytes.size(), " bytes").c_str());
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    errno = reason;
    fail_with_errno(path, "to rename the finished file");
  }
  sync_folder(path);
}

std::vector<std::byte> read_file(const std::string& path) {
  const File file(path, O_RDONLY);
  struct stat info{};
  if (!file || ::fstat(file.handle(), &info) != 0) fail_with_errno(path, "a file that can be read");
  if (!S_ISREG(info.st_mode)) fail(path, "a file", "something else");
  std::vector<std::byte> bytes(static_cast<std::size_t>(info.st_size));
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t n = ::read(file.handle(), bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_with_errno(path, "a file that can be read");
    if (n == 0) break;
    at += static_cast<std::size_t>(n);
  }
  bytes.resize(at);
  return bytes;
}

}  // namespace convcore
