//! The main job, end to end as a user does it: a project that cannot work, what dlint says of it, and the project
//! after `dlint fix`; and near misses, of which it says nothing.

mod support;

use serde_json::Value;
use support::Project;

/// `rule severity file:line` of every finding.
fn findings(project: &Project) -> Vec<String> {
    let document = project.json(&["check", "--isolated", "--format", "json"]);
    let told = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let line = &finding["start"]["line"];
        format!("{} {} {}:{line}", text("rule"), text("severity"), text("file"))
    };
    document["diagnostics"].as_array().into_iter().flatten().map(told).collect()
}

/// Checks, fixes with everything, and compares file by file; fixing again changes nothing, and what was fixed is gone.
fn story(files: &[(&str, &str)], expected: &[&str], fixed: &[(&str, &str)]) {
    let project = Project::new(files);
    assert_eq!(findings(&project), expected);
    for round in 0..2 {
        let run = project.run(&["fix", "--isolated", "--unsafe"]);
        assert_eq!(run.status, 0, "round {round}: {run}");
        for (path, text) in files {
            let text = fixed.iter().find(|(other, _)| other == path).map_or(text, |(_, text)| text);
            assert_eq!(project.read(path), *text, "round {round}: {path}");
        }
    }
    assert_eq!(findings(&project), [""; 0]);
}

fn silent(files: &[(&str, &str)]) {
    assert_eq!(findings(&Project::new(files)), [""; 0]);
}

const SETUP: &str = "from torch.utils.cpp_extension import BuildExtension, CUDAExtension\n";

#[test]
fn a_tag_that_does_not_exist() {
    story(
        &[("Dockerfile", "FROM pytorch/pytorch:2.7.0-cuda12.1-runtime\nCMD [\"python\"]\n")],
        &["cuda/missing-image error Dockerfile:1"],
        &[("Dockerfile", "FROM pytorch/pytorch:2.7.0-cuda12.6-cudnn9-runtime\nCMD [\"python\"]\n")],
    );
}

#[test]
fn an_extension_compiled_by_another_cuda() {
    let text = "FROM nvidia/cuda:11.8.0-cudnn8-devel-ubuntu22.04\nENV TORCH_CUDA_ARCH_LIST=9.0\nRUN pip3 install --no-cache-dir torch==2.7.1 --index-url https://download.pytorch.org/whl/cu128\nWORKDIR /app\nCOPY . .\nRUN python3 setup.py install\n";
    let fixed = text.replace("11.8.0-cudnn8", "12.8.1-cudnn");
    story(
        &[("Dockerfile", text), ("setup.py", SETUP)],
        &["cuda/compiler-version error Dockerfile:1"],
        &[("Dockerfile", &fixed)],
    );
}

#[test]
fn wheels_that_bring_their_own_cuda() {
    let text =
        "FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04\nRUN pip3 install --no-cache-dir torch==2.7.1\n";
    let fixed = text.replace("12.4.1", "12.6.3");
    story(&[("Dockerfile", text)], &["cuda/unused-image-cuda info Dockerfile:1"], &[("Dockerfile", &fixed)]);
}

#[test]
fn a_family_that_does_not_belong_together() {
    story(
        &[
            (
                "Dockerfile",
                "FROM python:3.11-slim\nCOPY requirements.txt /tmp/\nRUN pip install --no-cache-dir -r /tmp/requirements.txt\n",
            ),
            ("requirements.txt", "torch==2.5.1\r\ntorchvision==0.19.1\r\ntorchaudio==2.4.0  # audio\r\n"),
        ],
        &["torch/family error requirements.txt:2", "torch/family error requirements.txt:3"],
        &[("requirements.txt", "torch==2.5.1\r\ntorchvision==0.20.1\r\ntorchaudio==2.5.1  # audio\r\n")],
    );
}

#[test]
fn a_build_of_another_index() {
    story(
        &[("Dockerfile", "FROM python:3.11-slim\nRUN pip install --no-cache-dir torch==2.1.0+cu121\n")],
        &["pip/local-version error Dockerfile:2"],
        &[(
            "Dockerfile",
            "FROM python:3.11-slim\nRUN pip install --no-cache-dir torch==2.1.0+cu121 --extra-index-url https://download.pytorch.org/whl/cu121\n",
        )],
    );
}

#[test]
fn a_tag_through_an_argument_and_a_stage() {
    let text = "ARG CUDA_VERSION=12.1.1\nFROM nvidia/cuda:${CUDA_VERSION}-devel-ubuntu22.04 AS base\nENV TORCH_CUDA_ARCH_LIST=9.0\nFROM base AS build\nRUN pip3 install --no-cache-dir torch==2.11.0\nWORKDIR /app\nCOPY . .\nRUN python3 setup.py install\n";
    let project = Project::new(&[("Dockerfile", text), ("setup.py", SETUP)]);
    assert!(findings(&project).iter().any(|finding| finding.starts_with("cuda/compiler-version error")));
    assert_eq!(project.run(&["fix", "--isolated", "--unsafe"]).status, 0);
    let fixed = project.read("Dockerfile");
    assert!(fixed.starts_with("ARG CUDA_VERSION=13."), "{fixed}");
    assert_eq!(fixed.lines().skip(1).collect::<Vec<_>>(), text.lines().skip(1).collect::<Vec<_>>());
}

#[test]
fn a_pin_behind_an_include() {
    story(
        &[
            (
                "Dockerfile",
                "FROM python:3.11-slim AS deps\nCOPY req/ /req/\nRUN pip install --no-cache-dir -r /req/all.txt\nFROM deps\nRUN python -c 'import torchvision'\n",
            ),
            ("req/all.txt", "-r base.txt\ntorchvision==0.19.1\n"),
            ("req/base.txt", "torch==2.5.1\n"),
        ],
        &["torch/family error req/all.txt:2"],
        &[("req/all.txt", "-r base.txt\ntorchvision==0.20.1\n")],
    );
}

#[test]
fn pins_inside_a_heredoc() {
    let text = "FROM python:3.10-slim\nRUN <<EOF\nset -e\npip install --no-cache-dir \\\n    torch==2.1.0 torchvision==0.15.2\nEOF\n";
    let fixed = text.replace("0.15.2", "0.16.0");
    story(&[("Dockerfile", text)], &["torch/family error Dockerfile:5"], &[("Dockerfile", &fixed)]);
}

#[test]
fn pins_behind_a_quoted_script() {
    let text = "FROM python:3.10-slim\nRUN bash -c \"pip install --no-cache-dir torch==2.1.0 torchvision==0.15.2\"\n";
    let fixed = text.replace("0.15.2", "0.16.0");
    story(&[("Dockerfile", text)], &["torch/family error Dockerfile:2"], &[("Dockerfile", &fixed)]);
}

#[test]
fn a_version_in_an_argument() {
    let text = "FROM python:3.10-slim\nARG TV=0.15.2\nRUN pip install --no-cache-dir torch==2.1.0 torchvision==${TV}\n";
    let fixed = text.replace("0.15.2", "0.16.0");
    story(&[("Dockerfile", text)], &["torch/family error Dockerfile:3"], &[("Dockerfile", &fixed)]);
}

#[test]
fn an_interpreter_without_a_wheel() {
    let text = "FROM python:3.13-slim\nRUN pip install --no-cache-dir torch==2.3.1 'numpy<2'\n";
    let fixed = text.replace("2.3.1", "2.5.1");
    story(&[("Dockerfile", text)], &["torch/python-version error Dockerfile:2"], &[("Dockerfile", &fixed)]);
}

#[test]
fn a_compiler_that_the_image_lacks() {
    let text = "FROM pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime\nENV TORCH_CUDA_ARCH_LIST=9.0\nWORKDIR /app\nCOPY . .\nRUN pip install --no-cache-dir --no-build-isolation .\n";
    let fixed = text.replace("-runtime", "-devel");
    story(
        &[("Dockerfile", text), ("setup.py", SETUP)],
        &["cuda/missing-compiler error Dockerfile:1"],
        &[("Dockerfile", &fixed)],
    );
}

#[test]
fn a_cache_that_stays_in_the_layer() {
    story(
        &[("Dockerfile", "FROM python:3.12-slim\nRUN python3 -m pip install requests==2.32.3\n")],
        &["pip/no-cache-dir warning Dockerfile:2"],
        &[(
            "Dockerfile",
            "FROM python:3.12-slim\nRUN python3 -m pip install --no-cache-dir requests==2.32.3\n",
        )],
    );
}

#[test]
fn what_fits_is_silent() {
    silent(&[(
        "Dockerfile",
        "FROM python:3.10-slim\nRUN pip install --no-cache-dir torch==2.1.0 torchvision==0.16.0 torchaudio==2.1.0 'numpy<2'\n",
    )]);
}

#[test]
fn ranges_that_admit_a_pair_are_silent() {
    silent(&[(
        "Dockerfile",
        "FROM python:3.11-slim\nRUN pip install --no-cache-dir 'torch>=2.1,<2.4' 'torchvision>=0.16,<0.19' 'numpy<2'\n",
    )]);
}

#[test]
fn a_processor_only_stage_is_silent() {
    silent(&[(
        "Dockerfile",
        "FROM python:3.10-slim\nRUN pip install --no-cache-dir torch==2.5.1+cpu torchvision==0.20.1+cpu --extra-index-url https://download.pytorch.org/whl/cpu\n",
    )]);
}

#[test]
fn two_stages_with_stacks_of_their_own_are_silent() {
    silent(&[(
        "Dockerfile",
        "FROM python:3.10-slim AS train\nRUN pip install --no-cache-dir torch==2.1.0 'numpy<2'\nFROM python:3.11-slim\nRUN pip install --no-cache-dir torchvision==0.19.0 'numpy<2'\nCOPY --from=train /app/out.txt /x\n",
    )]);
}

#[test]
fn a_file_that_is_not_the_one_installed_is_silent() {
    silent(&[
        (
            "Dockerfile",
            "FROM python:3.10-slim\nCOPY deploy/prod.txt /srv/requirements.txt\nWORKDIR /srv\nRUN pip install --no-cache-dir -r requirements.txt\n",
        ),
        ("deploy/prod.txt", "torch==2.1.0\ntorchvision==0.16.0\nnumpy<2\n"),
        ("requirements.txt", "torch==2.1.0\ntorchvision==0.15.2\n"),
    ]);
}

#[test]
fn a_minor_apart_is_silent_where_something_compiles() {
    silent(&[
        (
            "Dockerfile",
            "FROM nvidia/cuda:12.1.1-devel-ubuntu22.04\nENV TORCH_CUDA_ARCH_LIST=9.0\nRUN pip3 install --no-cache-dir torch==2.4.0 --index-url https://download.pytorch.org/whl/cu124\nWORKDIR /app\nCOPY . .\nRUN python3 setup.py install\n",
        ),
        ("setup.py", SETUP),
    ]);
}
